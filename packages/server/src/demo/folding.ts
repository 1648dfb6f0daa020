/** Alerts of the shop's one rule are about a service itself, or about what it suffers from: which of the two says the map of services. */
export const SHOP_FOLDING = {
  symptoms: ['alertname="ServiceUnwell"'],
  causes: ['alertname="ServiceUnwell"'],
  // With it a page about nothing but what a service does not get still comes within a minute.
  wait: '40s',
  // Windows move on, breakers close, and what came and went is called well only then.
  release: '3m',
};
