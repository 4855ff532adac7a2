import type { Socket } from 'node:net';
import ssh2, {
  type AuthContext,
  type Connection,
  type PasswordAuthContext,
  type PublicKeyAuthContext,
  type Session,
} from 'ssh2';
import type { ControlRequest } from '#daemon/control-protocol.ts';
import type { SessionFacts } from '#daemon/operators.ts';
import { ControlSession } from '../control-session.ts';
import type { SshSettings } from './settings.ts';
import { type Operator, serveChannel } from './ssh-channel.ts';

/** Of those that have not logged in yet. */
const STRANGERS_MAXIMUM = 10;

/** Keys that a client may offer. */
const KEYS_MAXIMUM = 10;
const METHODS: ('publickey' | 'password')[] = ['publickey', 'password'];

/** Lets operators in who have a name and a password or key, and gives each a shell. */
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
    let keys = 0;
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
      if (isKey(context) && !context.signature) {
        if (++keys > KEYS_MAXIMUM) client.end();
        else this.#wouldDo(context, from).then((does) => (does ? context.accept() : context.reject(METHODS)));
        return;
      }
      if (!isPassword(context) && !isKey(context)) {
        context.reject(METHODS);
        return;
      }
      this.#login(isKey(context) ? keyRequest(context, from) : passwordRequest(context, from)).then((found) => {
        if (over) found?.backend.close();
        else if (found) {
          this.#strangers--;
          this.#operators++;
          operator = found;
          clearTimeout(patience);
          context.accept();
        } else {
          context.reject(METHODS);
          if (++failures > this.#settings.retries) client.end();
        }
      });
    });
    client.on('session', (accept, reject) => {
      if (operator) serveSession(accept(), client, operator);
      else reject();
    });
  }

  /** Whether a key would do that was only offered; nobody is let in by that. */
  async #wouldDo(context: PublicKeyAuthContext, from: string): Promise<boolean> {
    const found = await this.#login(keyRequest(context, from));
    found?.backend.close();
    return found !== undefined;
  }

  async #login(request: ControlRequest): Promise<Operator | undefined> {
    let backend: ControlSession | undefined;
    try {
      backend = await ControlSession.open(this.#settings.controlPath);
      const facts = (await backend.ask(request)) as SessionFacts;
      return { backend, facts };
    } catch {
      // What was wrong is in the daemon's log, and nothing for whoever tries.
      backend?.close();
      return undefined;
    }
  }
}

function passwordRequest({ username: user, password }: PasswordAuthContext, from: string): ControlRequest {
  return { request: 'login', user, password, from };
}

function keyRequest(context: PublicKeyAuthContext, from: string): ControlRequest {
  const { username: user, key, blob, signature, hashAlgo } = context as PublicKeyAuthContext & { hashAlgo?: string };
  const proof = signature && blob && { signed: blob.toString('base64'), signature: signature.toString('base64') };
  const hash = proof && hashAlgo !== undefined && { hash: hashAlgo };
  return { request: 'login-key', user, key: key.data.toString('base64'), from, ...proof, ...hash };
}

function isKey(context: AuthContext): context is PublicKeyAuthContext {
  return context.method === 'publickey';
}

function isPassword(context: AuthContext): context is PasswordAuthContext {
  return context.method === 'password';
}

/** One shell or one command for each connection. */
function serveSession(session: Session, client: Connection, operator: Operator): void {
  serveChannel(session, operator, () => client.end());
}
