// @actions/core loads its HTTP client, and with it http, https, tls and a tunnel for proxies, as soon as it is loaded
// itself; but getJson for an ID token is all it ever asks of it. Here the client is loaded with the first request.
export class HttpClient {
  #given;
  constructor(...given) {
    this.#given = given;
  }
  async getJson(...given) {
    const { HttpClient: Loaded } = await import(
      /* webpackMode: "eager" */ '../../../node_modules/@actions/http-client/lib/index.js'
    );
    return new Loaded(...this.#given).getJson(...given);
  }
}
