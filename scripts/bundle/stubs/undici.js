// @actions/http-client imports undici for its proxy dispatcher alone, which nothing in the actions asks
// for; undici is half of a bundle. Whoever does ask is told so at once.
export class ProxyAgent {
  constructor() {
    throw new Error('This bundle has no undici: talk to AWS through the SDK, and to others through fetch.');
  }
}
export class Agent extends ProxyAgent {}
export class EnvHttpProxyAgent extends ProxyAgent {}
