import type { Draw } from './draw.ts';
import type { LineFormat, Pod } from './shop.ts';

export interface LineContext {
  readonly draw: Draw;
  readonly ms: number;
  readonly nanos: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly requestId: string;
}

/** A line's text, its structured metadata, and what only it holds. */
export interface FormattedLine {
  readonly text: string;
  readonly metadata: readonly string[];
  readonly needle: string;
}

const NONE: readonly string[] = [];
const METHODS = ['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE'] as const;
const PATHS = [
  '/api/v1/products/',
  '/api/v1/carts/',
  '/api/v1/orders/',
  '/api/v1/users/',
  '/api/v1/search?q=',
  '/api/v1/stock/',
  '/api/v1/prices/',
] as const;
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  'okhttp/4.12.0',
  'shop-app/7.4.1 (iOS)',
] as const;
const TABLES = ['orders', 'order_items', 'customers', 'stock_levels', 'payments', 'addresses'] as const;

const statusOf = (draw: Draw): number =>
  draw.chance(93) ? 200 : draw.pick([201, 204, 301, 304, 400, 401, 404, 404, 409, 500, 502, 503]);
const pathOf = (draw: Draw): string => `${draw.pick(PATHS)}${draw.below(40_000)}`;
const privateAddress = (draw: Draw): string =>
  `10.${draw.below(4)}.${draw.below(40)}.${draw.between(2, 250)}`;
const publicAddress = (draw: Draw): string =>
  `${draw.between(11, 220)}.${draw.below(256)}.${draw.below(256)}.${draw.between(1, 254)}`;
const userOf = (draw: Draw): string => `u-${draw.below(200_000)}`;
const iso = (ms: number): string => new Date(ms).toISOString();

function pino(pod: Pod, { draw, ms, traceId, spanId, requestId }: LineContext): FormattedLine {
  const head = (level: number): string =>
    `{"level":${level},"time":${ms},"pid":1,"hostname":"${pod.name}","reqId":"req-${requestId}","trace_id":"${traceId}","span_id":"${spanId}"`;
  const kind = draw.below(100);
  const line = (text: string): FormattedLine => ({ text, metadata: NONE, needle: '' });
  if (kind < 45)
    return line(
      `${head(30)},"req":{"method":"${draw.pick(METHODS)}","url":"${pathOf(draw)}","remoteAddress":"${privateAddress(draw)}"},"res":{"statusCode":${statusOf(draw)}},"responseTime":${draw.skewed(12).toFixed(3)},"msg":"request completed"}`,
    );
  if (kind < 60) return line(`${head(30)},"userId":"${userOf(draw)}","msg":"incoming request"}`);
  if (kind < 75)
    return line(
      `${head(20)},"key":"${pod.service.name}:${draw.below(40_000)}","ttl":${draw.pick([60, 300, 900])},"msg":"cache ${draw.pick(['hit', 'hit', 'miss'])}"}`,
    );
  if (kind < 90)
    return line(
      `${head(30)},"userId":"${userOf(draw)}","items":${draw.between(1, 9)},"total":${(draw.skewed(4000) / 100).toFixed(2)},"currency":"EUR","msg":"item added"}`,
    );
  if (kind < 96)
    return line(
      `${head(40)},"durationMs":${Math.floor(draw.skewed(700))},"statement":"SELECT * FROM ${draw.pick(TABLES)} WHERE id = $1","msg":"slow query"}`,
    );
  return line(
    `${head(50)},"err":{"type":"Error","message":"connect ECONNREFUSED ${privateAddress(draw)}:5432","stack":"Error: connect ECONNREFUSED\\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)\\n    at TCPConnectWrap.callbackTrampoline (node:internal/async_hooks:130:17)\\n    at async ${pod.service.name}.load (/app/dist/store.js:${draw.between(10, 400)}:21)"},"msg":"request failed"}`,
  );
}

function logfmt(pod: Pod, { draw, ms, nanos, traceId, spanId }: LineContext): FormattedLine {
  const time = `${iso(ms).slice(0, -1)}${String(nanos).padStart(6, '0')}Z`;
  const metadata = ['trace_id', traceId, 'span_id', spanId];
  const kind = draw.below(100);
  const line = (level: string, rest: string, needle = ''): FormattedLine => ({
    text: `ts=${time} level=${level} caller=${draw.pick(['handler', 'server', 'store', 'client'])}.go:${draw.pick([41, 88, 123, 207, 356])} ${rest}`,
    metadata,
    needle,
  });
  if (kind < 60)
    return line(
      'info',
      `msg="request served" method=${draw.pick(METHODS)} path=${pathOf(draw)} status=${statusOf(draw)} duration=${draw.skewed(8).toFixed(2)}ms bytes=${Math.floor(draw.skewed(2400))} user=${userOf(draw)}`,
    );
  if (kind < 80)
    return line(
      'debug',
      `msg="lookup done" table=${draw.pick(TABLES)} rows=${draw.between(0, 50)} took=${draw.skewed(900).toFixed(0)}µs`,
    );
  if (kind < 92) {
    const sku = `sku-${draw.hex(9)}`;
    return line(
      'info',
      `msg="stock reserved" sku=${sku} warehouse=eu-${draw.between(1, 4)} left=${draw.below(900)}`,
      sku,
    );
  }
  if (kind < 97)
    return line(
      'warn',
      `msg="retrying call" peer=${privateAddress(draw)}:9000 attempt=${draw.between(1, 3)} err="context deadline exceeded"`,
    );
  return line(
    'error',
    `msg="call failed" peer=${privateAddress(draw)}:9000 pod=${pod.name} err="rpc error: code = Unavailable desc = connection refused"`,
  );
}

function spring(pod: Pod, { draw, ms, traceId, spanId }: LineContext): FormattedLine {
  const time = iso(ms).replace('T', ' ').slice(0, -1);
  const order = `ord_${draw.hex(10)}`;
  const kind = draw.below(100);
  const line = (level: string, logger: string, text: string, needle = order): FormattedLine => ({
    text: `${time} ${level.padStart(5)} [${pod.service.name},${traceId},${spanId}] 1 --- [nio-8080-exec-${draw.between(1, 10)}] ${logger} : ${text}`,
    metadata: NONE,
    needle,
  });
  if (kind < 40)
    return line(
      'INFO',
      'c.s.order.OrderService',
      `Order ${order} of customer ${userOf(draw)} accepted, total ${(draw.skewed(5000) / 100).toFixed(2)} EUR`,
    );
  if (kind < 70)
    return line(
      'INFO',
      'c.s.payment.ChargeService',
      `Charged ${order} via ${draw.pick(['visa', 'mastercard', 'paypal', 'sepa'])} in ${Math.floor(draw.skewed(180))} ms`,
    );
  if (kind < 88)
    return line(
      'DEBUG',
      'o.h.engine.jdbc.spi.SqlStatementLogger',
      `select o.id, o.state, o.total from ${draw.pick(TABLES)} o where o.id = ?`,
      '',
    );
  if (kind < 96)
    return line(
      'WARN',
      'c.z.hikari.pool.PoolBase',
      `HikariPool-1 - connection took ${Math.floor(draw.skewed(900))} ms to borrow for ${order}`,
    );
  return line(
    'ERROR',
    'c.s.payment.ChargeService',
    `Charge of ${order} failed\njava.net.SocketTimeoutException: Read timed out\n\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:288)\n\tat java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:314)\n\tat com.shop.payment.BankClient.charge(BankClient.java:${draw.between(40, 220)})\n\tat com.shop.payment.ChargeService.charge(ChargeService.java:${draw.between(20, 120)})`,
  );
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function access(_pod: Pod, { draw, ms }: LineContext): FormattedLine {
  const at = new Date(ms);
  const time = `${String(at.getUTCDate()).padStart(2, '0')}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}:${at.toISOString().slice(11, 19)} +0000`;
  if (draw.chance(12))
    return {
      text: `${privateAddress(draw)} - - [${time}] "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.31" 0.000`,
      metadata: NONE,
      needle: '',
    };
  const request = draw.hex(32);
  return {
    text: `${publicAddress(draw)} - - [${time}] "${draw.pick(METHODS)} ${pathOf(draw)} HTTP/1.1" ${statusOf(draw)} ${Math.floor(draw.skewed(5200))} "https://shop.example.com/" "${draw.pick(AGENTS)}" ${(draw.skewed(30) / 1000).toFixed(3)} ${request}`,
    metadata: NONE,
    needle: request,
  };
}

function python(_pod: Pod, { draw, ms, traceId }: LineContext): FormattedLine {
  const time = iso(ms).replace('T', ' ').replace('.', ',').slice(0, -1);
  const job = `${draw.hex(8)}-${draw.hex(4)}-4${draw.hex(3)}-a${draw.hex(3)}-${draw.hex(12)}`;
  const metadata = ['trace_id', traceId];
  const task = draw.pick(['send_mail', 'score_order', 'rank_products', 'refresh_model']);
  if (draw.chance(48))
    return {
      text: `${time} INFO worker.strategy Task tasks.${task}[${job}] received`,
      metadata,
      needle: job,
    };
  if (draw.chance(94))
    return {
      text: `${time} INFO worker.trace Task tasks.${task}[${job}] succeeded in ${draw.skewed(0.4).toFixed(6)}s: None`,
      metadata,
      needle: job,
    };
  return {
    text: `${time} ERROR worker.trace Task tasks.${task}[${job}] raised unexpected: ConnectionResetError(104, 'Connection reset by peer')\nTraceback (most recent call last):\n  File "/app/tasks/${task}.py", line ${draw.between(10, 90)}, in run\n    response = client.post(url, json=body, timeout=5)\nConnectionResetError: [Errno 104] Connection reset by peer`,
    metadata,
    needle: job,
  };
}

const FORMATS: Readonly<Record<LineFormat, (pod: Pod, context: LineContext) => FormattedLine>> = {
  pino,
  logfmt,
  spring,
  access,
  python,
};

export function formatLine(pod: Pod, context: LineContext): FormattedLine {
  return FORMATS[pod.service.format](pod, context);
}
