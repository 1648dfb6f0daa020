import { formatExpr as formatLogql, parseExpr as parseLogql } from '@pharos/logql';
import { formatExpr, type ParserOptions, parseExpr, QueryError } from '@pharos/promql';
import type { RuleExpr, RuleLanguage } from '../definition.ts';

/** An expression of a rule. */
interface ReadExpression {
  /** In its canonical form, as it is asked and shown. */
  readonly query: string;
  /** Places in it are those of `query`. */
  readonly parsed: RuleExpr;
}

/** Reads an expression in its language; throws a QueryError. `parser` says what of PromQL is allowed. */
export function readExpression(text: string, language: RuleLanguage, parser: ParserOptions): ReadExpression {
  return language === 'promql' ? readPromql(text, parser) : readLogql(text);
}

function readPromql(text: string, parser: ParserOptions): ReadExpression {
  const query = formatExpr(parseExpr(text, parser));
  return { query, parsed: { language: 'promql', expr: parseExpr(query, parser) } };
}

function readLogql(text: string): ReadExpression {
  const query = formatLogql(parseLogql(text));
  const expr = parseLogql(query);
  if (expr.kind === 'log')
    throw new QueryError(
      'bad_data',
      'it selects log lines, and a rule is about numbers: count them, as in sum(count_over_time({app="shop"} |= "error" [5m])) > 0',
    );
  return { query, parsed: { language: 'logql', expr } };
}
