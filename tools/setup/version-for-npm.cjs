// Loaded into npm: it then installs for the Node that will use the packages, not for the older one that it runs on. npm leaves out optional packages
// whose `engines` exclude the version in `process.version` (vitest's native parser is one), silently, and has no setting for that version.
'use strict';

const { optionalDependencies } = require('../../package.json');

const pinned = optionalDependencies[`node-linux-${process.arch}`];
if (pinned !== undefined && Number.parseInt(process.versions.node, 10) < Number.parseInt(pinned, 10)) {
  Object.defineProperty(process, 'version', { value: `v${pinned}` });
}
