// An identity provider on loopback, with its own pages to sign in. Everybody's password is good; who is in which group
// is given, by the part of the login after a `|`. Prints its identifier when it is ready, and ends when its standard
// input does.
//
// node issuer.mjs REDIRECT_URI LOGOUT_URI SECRET_FILE '{"ann": ["payments"]}'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { Provider } from 'oidc-provider'

const [redirect, logout, secretFile, groups] = process.argv.slice(2)
const members = JSON.parse(groups)
const server = http.createServer()
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
const issuer = `http://127.0.0.1:${server.address().port}`
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'guardrail-console',
      client_secret: readFileSync(secretFile, 'utf8').trim(),
      redirect_uris: [redirect],
      post_logout_redirect_uris: [logout],
    },
  ],
  claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['on-loopback-alone'] },
  pkce: { required: () => true },
  findAccount: (context, id) => {
    const name = id.slice(id.indexOf('|') + 1)
    const claims = { sub: id, preferred_username: name, groups: members[name] ?? [] }
    return { accountId: id, claims: () => claims }
  },
})
provider.on('server_error', (context, error) => console.error(error))
server.on('request', provider.callback())
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
console.log(issuer)
