import { useState } from 'preact/hooks';
import { setToken } from '../api/client.ts';

export function Login({ wrong }: { readonly wrong: boolean }) {
  const [token, setText] = useState('');
  return (
    <main id="main" tabIndex={-1}>
      <form
        class="card login"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') setToken(token.trim());
        }}
      >
        <h1 tabIndex={-1}>This node wants a token</h1>
        <p class="muted">
          One of those that <code>ip http token NAME role read-only secret TOKEN</code> configures. It is kept until
          this tab is closed, and sent to this node only.
        </p>
        {wrong && (
          <p class="complaint" role="alert">
            The token is not one of this node.
          </p>
        )}
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </main>
  );
}
