import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type PasswordAuthContext, type Session } from 'ssh2';
import type { SessionFacts } from '#daemon/operators.ts';
import { ControlSession } from '../control-session.ts';
import type { SshSettings } from './settings.ts';
import { type Operator, serveChannel } from './ssh-channel.ts';

/** Of those that have not logged in yet. */
const STRANGERS_MAXIMUM = 10;

/** Lets operators in who have a name and a password, and gives each a shell. */
export class SshServer {
  readonly #settings: SshSettings;
  readonly #server: ssh2.Server;
  #strangers = 0;
  #operators = 0;

  constructor(settings: SshSettings) {
    this.#settings = settings;
    this.#server = new ssh2.Server({ hostKeys: [settings.hostKey], ident: 'Mooring' }, (client, { ip }) =>
      this.#greet(client, ip),
    );
  }

  accept(socket: Socket): void {
    if (this.#strangers >= STRANGERS_MAXIMUM || this.#operators >= this.#settings.lines) socket.destroy();
    else this.#server.injectSocket(socket);
  }

  #greet(client: Connection, from: string): void {
    this.#strangers++;
    let operator: Operator | undefined;
    let over = false;
    let failures = 0;
    const patience = setTimeout(() => client.end(), this.#settings.loginSeconds * 1000);
    client.on('error', () => {});
    client.on('close', () => {
      clearTimeout(patience);
      over = true;
      if (operator) this.#operators--;
      else this.#strangers--;
      operator?.backend.close();
    });
    client.on('authentication', (context) => {
      if (!isPassword(context)) {
        context.reject(['password']);
        return;
      }
      this.#login(context, from).then((found) => {
        if (over) found?.backend.close();
        else if (found) {
          this.#strangers--;
          this.#operators++;
          operator = found;
          clearTimeout(patience);
          context.accept();
        } else {
          context.reject(['password']);
          if (++failures > this.#settings.retries) client.end();
        }
      });
    });
    client.on('session', (accept, reject) => {
      if (operator) serveSession(accept(), client, operator);
      else reject();
    });
  }

  async #login({ username: user, password }: PasswordAuthContext, from: string): Promise<Operator | undefined> {
    let backend: ControlSession | undefined;
    try {
      backend = await ControlSession.open(this.#settings.controlPath);
      const facts = (await backend.ask({ request: 'login', user, password, from })) as SessionFacts;
      return { backend, facts };
    } catch {
      // What was wrong is in the daemon's log, and nothing for whoever tries.
      backend?.close();
      return undefined;
    }
  }
}

function isPassword(context: AuthContext): context is PasswordAuthContext {
  return context.method === 'password';
}

/** One shell or one command for each connection. */
function serveSession(session: Session, client: Connection, operator: Operator): void {
  serveChannel(session, operator, () => client.end());
}
