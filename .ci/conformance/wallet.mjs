// Keeps what OAuth gives a client, and plays the user who consents to everything.
export class Wallet {
  redirectUrl = 'http://localhost:3000/callback';
  // Where a server takes it, this URL is the client's id.
  clientMetadataUrl = 'https://conformance-test.local/client-metadata.json';
  clientMetadata = {
    client_name: 'conformance',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  callback;
  #client;
  #tokens;
  #verifier;

  constructor({ client_id, client_secret, issuer }) {
    if (client_id) this.#client = { client_id, client_secret, ...(issuer ? { issuer } : {}) };
  }

  clientInformation() {
    return this.#client;
  }

  saveClientInformation(client) {
    this.#client = client;
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens) {
    this.#tokens = tokens;
  }

  saveCodeVerifier(verifier) {
    this.#verifier = verifier;
  }

  codeVerifier() {
    return this.#verifier;
  }

  invalidateCredentials(scope) {
    if (scope === 'all' || scope === 'client') this.#client = undefined;
    if (scope === 'all' || scope === 'tokens') this.#tokens = undefined;
  }

  async redirectToAuthorization(url) {
    const answer = await fetch(url, { redirect: 'manual' });
    const location = answer.headers.get('location');
    if (!location) throw new Error(`no consent: ${answer.status}`);
    this.callback = new URL(location).searchParams;
  }
}
