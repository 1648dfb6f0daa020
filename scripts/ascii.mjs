import ts from 'typescript';

const BEYOND = /[\u0080-\uffff]/;

/**
 * A bundle in ASCII alone. What esbuild leaves beyond it (it escapes texts) stands in comments, names and regular expressions, where an
 * escape means the same. In a tagged template it does not: a tag such as String.raw sees the escape itself, so one that is there is an error
 * that names its place.
 */
export function asciiSource(name, source) {
  if (!BEYOND.test(source)) return source;
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  const visit = (node) => {
    if (ts.isTaggedTemplateExpression(node))
      for (const part of partsOf(node.template))
        if (BEYOND.test(source.slice(part.pos, part.end))) {
          const { line, character } = file.getLineAndCharacterOfPosition(part.pos);
          throw new Error(
            `${name}:${line + 1}:${character + 1}: a tagged template has a character beyond ASCII; write it as an escape that the tag expects, or put it into a substitution`,
          );
        }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return source.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The literal texts of a template, without what is substituted. */
function partsOf(template) {
  return ts.isTemplateExpression(template)
    ? [template.head, ...template.templateSpans.map(({ literal }) => literal)]
    : [template];
}
