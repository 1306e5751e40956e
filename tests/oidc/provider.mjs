// A certified OpenID Connect provider with one client and its own development login, on a free port of 127.0.0.1.
// Its first line on the standard output is its issuer. Arguments: the client's redirect address, and the secret.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [redirect, secret] = process.argv.slice(2);
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'silhouette', client_secret: secret, redirect_uris: [redirect] }],
    cookies: { keys: ['of this test alone'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    // Whoever signs in as a name has that name's address.
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: id !== 'unverified' }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
