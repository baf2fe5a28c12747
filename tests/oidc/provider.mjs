// An OpenID provider on loopback: the certified `oidc-provider`, told by a JSON file who may sign in and who may ask.
// node provider.mjs FOLDER-WITH-NODE_MODULES SETTINGS.json; says its address in one line when it is ready.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(folder, "package.json")));
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));
const told = JSON.parse(readFileSync(file, "utf8"));

const server = createServer();
await new Promise((ready) => server.listen(told.port, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const said = (name) => told.people[name] ?? {};
const provider = new Provider(issuer, {
  clients: told.clients,
  jwks: { keys: told.keys },
  cookies: { keys: ["a key of this test"] },
  claims: { openid: ["sub", "roles", "org"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  scopes: ["openid", told.scope],
  ttl: { IdToken: (ctx, token, client) => told.seconds[client.clientId] ?? 3600, AccessToken: 3600,
    ClientCredentials: 3600, Session: 3600, Grant: 3600, Interaction: 600, AuthorizationCode: 60 },
  findAccount: (ctx, name) => ({ accountId: name, claims: () => ({ sub: name, ...said(name) }) }),
  extraTokenClaims: (ctx, token) => said(token.accountId ?? token.clientId),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource) => ({ scope: told.scope, audience: resource, accessTokenFormat: "jwt",
        jwt: { sign: { alg: told.alg } } }),
    },
  },
});
server.on("request", provider.callback());
console.log(`ready ${issuer}`);
