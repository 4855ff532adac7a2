import { protectionWarnings, signallingProtection } from '#config/index.ts';
import { type Check, ok } from './finding.ts';

/** How the signalling is protected, as far as the configuration says. */
export const protection: Check = {
  name: 'protection',
  examine({ node }) {
    if (!node) return [];
    const found = signallingProtection(node.configuration).flatMap(protectionWarnings);
    return found.length > 0 ? found : [ok('the signalling with every peer is protected, as the configuration says')];
  },
};
