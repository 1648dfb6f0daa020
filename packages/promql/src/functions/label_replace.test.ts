import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('label_replace', async () => {
  await expectScript(`
load 1m
  v{src="a-1",x="1"} 1
  v{src="b",x="2"} 2

eval instant at 0 label_replace(v, "dst", "$2/$1$$", "src", "(.*)-(?P<n>.*)")
  v{src="a-1",x="1",dst="1/a$"} 1
  v{src="b",x="2"} 2

eval instant at 0 label_replace(v, "dst", "\${n}x", "src", "(.*)-(?P<n>.*)")
  v{src="a-1",x="1",dst="1x"} 1
  v{src="b",x="2"} 2

eval instant at 0 label_replace(v{x="1"}, "__proto__", "p", "src", ".*")
  v{src="a-1",x="1",__proto__="p"} 1

eval instant at 0 label_replace(v, "x", "", "x", ".*")
  v{src="a-1"} 1
  v{src="b"} 2

eval instant at 0 label_replace(label_replace(v, "x", "", "x", ".*"), "src", "", "src", ".*")
  expect fail msg: vector cannot contain metrics with the same labelset

eval instant at 0 label_replace(v, "dst", "", "src", "(")
  expect fail regex: ^invalid regular expression in label_replace\\(\\): \\($
`);
});
