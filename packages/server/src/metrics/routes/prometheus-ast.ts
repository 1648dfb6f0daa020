import {
  type Duration,
  type Expr,
  type Call as FunctionCall,
  formatValue,
  type Matcher,
  signatureOf,
  type TimeModifiers,
} from '@pharos/promql';

/** The syntax tree in the JSON form of Prometheus' `parse_query`. */
export function translateExpr(expr: Expr): object {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatValue(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'vector':
      return {
        type: 'vectorSelector',
        name: expr.name,
        ...modifiers(expr),
        matchers: matchers(expr.matchers),
        anchored: false,
        smoothed: expr.smoothed,
      };
    case 'matrix':
      return {
        type: 'matrixSelector',
        name: expr.vector.name,
        range: milliseconds(expr.range),
        ...modifiers(expr.vector),
        matchers: matchers(expr.vector.matchers),
        anchored: expr.edges === 'anchored',
        smoothed: expr.edges === 'smoothed',
      };
    case 'subquery':
      return {
        type: 'subquery',
        expr: translateExpr(expr.expr),
        range: milliseconds(expr.range),
        step: milliseconds(expr.step),
        ...modifiers(expr),
      };
    case 'paren':
      return { type: 'parenExpr', expr: translateExpr(expr.expr) };
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: translateExpr(expr.expr) };
    case 'binary':
      return {
        type: 'binaryExpr',
        op: expr.op,
        lhs: translateExpr(expr.left),
        rhs: translateExpr(expr.right),
        matching:
          expr.matching === undefined
            ? null
            : {
                card: expr.matching.cardinality,
                labels: expr.matching.labels,
                on: expr.matching.on,
                include: expr.matching.include,
                fillValues: {
                  lhs: expr.matching.fillLeft ?? null,
                  rhs: expr.matching.fillRight ?? null,
                },
              },
        bool: expr.returnBool,
      };
    case 'call':
      return { type: 'call', func: functionOf(expr.func), args: expr.args.map(translateExpr) };
    case 'aggregate':
      return {
        type: 'aggregation',
        op: expr.op,
        expr: translateExpr(expr.expr),
        param: expr.param === undefined ? null : translateExpr(expr.param),
        grouping: expr.grouping,
        without: expr.without,
      };
  }
}

function functionOf(name: FunctionCall['func']): object {
  const { args, variadic, returns } = signatureOf(name);
  return { name, argTypes: args, variadic, returnType: returns };
}

function modifiers(node: TimeModifiers): object {
  return {
    offset: milliseconds(node.offset),
    timestamp: node.at?.kind === 'time' ? node.at.ms : null,
    startOrEnd: node.at === undefined || node.at.kind === 'time' ? null : node.at.kind,
  };
}

/** A duration that depends on the query's own step has no value yet. */
function milliseconds(duration: Duration): number | null {
  return typeof duration === 'number' ? duration : null;
}

function matchers(list: readonly Matcher[]): object[] {
  return list.map(({ name, op, value }) => ({ type: op, name, value }));
}
