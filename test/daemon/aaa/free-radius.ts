/** FreeRADIUS in a namespace, with a configuration folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../network.ts';

export const SECRET = 'aaacisco';
const PROGRAM = ['/usr/sbin/freeradius', '/usr/sbin/radiusd'].find((path) => existsSync(path));

/** Why it cannot run; empty when it can. */
export const freeRadiusObstacle = PROGRAM ? '' : 'needs freeradius';

export class FreeRadius {
  output = '';
  readonly #folder: string;
  #child: ChildProcess | undefined;

  /**
   * `users` as of the `files` module; `folder` is made. With a folder of certificates, among them `ca.pem` and `radius.example.com.pem`, it also listens for RADIUS
   * over TLS, from whoever has a certificate of that authority.
   */
  constructor(folder: string, users: string, certificates?: string) {
    this.#folder = folder;
    mkdirSync(join(folder, 'accounting'), { recursive: true });
    writeFileSync(
      join(folder, 'radiusd.conf'),
      configuration(folder) + (certificates === undefined ? '' : tlsListener(certificates)),
    );
    writeFileSync(join(folder, 'dictionary'), '');
    writeFileSync(join(folder, 'users'), users);
  }

  /** Resolves once it serves; it listens at port 1812 and 1813 of every address of the namespace. */
  async start(namespace: string): Promise<void> {
    this.output = '';
    const words = ['netns', 'exec', namespace, PROGRAM as string, '-f', '-xx', '-l', 'stdout', '-d', this.#folder];
    this.#child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (data) => {
        this.output += data;
      });
    }
    await eventually(async () => {
      if (this.#child?.exitCode !== null) throw new Error(`FreeRADIUS ended: ${this.output}`);
      return this.output.includes('Ready to process requests');
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Accounting records in their order, each a map from attribute to its text; the value of a repeated one is the last. */
  accounting(): ReadonlyMap<string, string>[] {
    const files = readdirSync(join(this.#folder, 'accounting')).sort();
    const text = files.map((file) => readFileSync(join(this.#folder, 'accounting', file), 'utf8')).join('\n');
    return text
      .split(/\n\n+/)
      .filter((record) => record.includes('Acct-Status-Type'))
      .map(
        (record) =>
          new Map(
            [...record.matchAll(/^\t(\S+) = (.*)$/gm)].map((line) => [
              line[1] as string,
              (line[2] as string).replace(/^"(.*)"$/, '$1'),
            ]),
          ),
      );
  }
}

function configuration(folder: string): string {
  return `
prefix = /usr
libdir = /usr/lib/freeradius
logdir = ${folder}
raddbdir = ${folder}
run_dir = ${folder}
name = mooring-test
max_requests = 16384
security {
  reject_delay = 0
  status_server = yes
}
thread pool {
  # Several write what comes at once in any order.
  start_servers = 1
  max_servers = 1
  min_spare_servers = 0
  max_spare_servers = 1
}
modules {
  files {
    usersfile = ${folder}/users
  }
  pap {
  }
  detail {
    filename = ${folder}/accounting/records
    permissions = 0600
  }
}
client anybody {
  ipaddr = 0.0.0.0/0
  secret = ${SECRET}
  require_message_authenticator = yes
}
server default {
  listen {
    type = auth
    ipaddr = *
    port = 1812
  }
  listen {
    type = acct
    ipaddr = *
    port = 1813
  }
  authorize {
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
  post-auth {
    update reply {
      &Message-Authenticator := 0x00
    }
    Post-Auth-Type REJECT {
      update reply {
        &Message-Authenticator := 0x00
      }
    }
  }
  accounting {
    detail
  }
}
`;
}

function tlsListener(certificates: string): string {
  return `
listen {
  ipaddr = *
  port = 2083
  type = auth+acct
  proto = tcp
  virtual_server = default
  clients = radsec
  tls {
    private_key_file = ${certificates}/radius.example.com.key
    certificate_file = ${certificates}/radius.example.com.pem
    ca_file = ${certificates}/ca.pem
    require_client_cert = yes
    tls_min_version = "1.2"
    tls_max_version = "1.2"
  }
  limit {
    max_connections = 16
    lifetime = 0
    idle_timeout = 0
  }
}
clients radsec {
  client anybody {
    ipaddr = 0.0.0.0/0
    proto = tls
    secret = radsec
  }
}
`;
}
