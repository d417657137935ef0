/// How a host starts the bridge to a server behind the guard.
export function bridge(url, key) {
  const { origin, pathname } = new URL(url);
  return {
    command: process.env.GUARDRAIL_LAUNCHER,
    args: ['stdio', pathname.split('/').at(-1)],
    env: { GUARDRAIL_URL: origin, GUARDRAIL_KEY: key },
  };
}
