import { it } from 'vitest';
import { expectScript } from '../../testing/expect-script.ts';

const LOAD = `
load 1m
  a{i="1",g="x"} 1 2 stale
  a{i="2",g="x"} 3 stale 5
  b{i="1"} 10 20 30
  b{i="2"} 40 50 60
  one{g="x"} 100 200 300
`;

it('matches one to one, step by step', async () => {
  await expectScript(`${LOAD}
eval range from 0 to 2m step 1m a + on(i) b
  {i="1"} 11 22 _
  {i="2"} 43 _ 65

eval range from 0 to 2m step 1m a * ignoring(g) b
  {i="1"} 10 40 _
  {i="2"} 120 _ 300

eval range from 0 to 2m step 1m a > on(i) (b - 38)
  {i="1"} 1 2 _
  {i="2"} 3 _ _

eval range from 0 to 2m step 1m a >= bool on(i) b
  {i="1"} 0 0 _
  {i="2"} 0 _ 0
`);
});

it('matches many to one, with labels from the one side', async () => {
  await expectScript(`${LOAD}
eval range from 0 to 2m step 1m a / on(g) group_left one
  {i="1",g="x"} 0.01 0.01 _
  {i="2",g="x"} 0.03 _ 0.016666666666666666

eval instant at 0 label_replace(one, "extra", "e", "", "") * on(g) group_right(extra) a
  {i="1",g="x",extra="e"} 100
  {i="2",g="x",extra="e"} 300
`);
});

it('fails only at the steps where a match is ambiguous', async () => {
  await expectScript(`${LOAD}
eval instant at 0 a + on(g) one
  expect fail msg: multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)

# One of the two is stale here.
eval range from 1m to 1m step 1m a + on(g) one
  {g="x"} 202

eval instant at 0 one + on(g) a
  expect fail msg: found duplicate series for the match group {g="x"} on the right hand-side of the operation: [{__name__="a", g="x", i="1"}, {__name__="a", g="x", i="2"}];many-to-many matching not allowed: matching labels must be unique on one side

eval range from 1m to 1m step 1m one + on(g) a
  {g="x"} 202

eval instant at 0 a * on(g) group_left(i) label_replace(one, "i", "same", "", "")
  expect fail msg: multiple matches for labels: grouping labels must ensure unique matches

# Nothing on the other side: nothing to be ambiguous with.
eval instant at 0 none + on(g) a
`);
});

it('chooses by sets', async () => {
  await expectScript(`${LOAD}
eval range from 0 to 2m step 1m b and on(i) a
  b{i="1"} 10 20 _
  b{i="2"} 40 _ 60

eval range from 0 to 2m step 1m b unless on(i) a
  b{i="1"} _ _ 30
  b{i="2"} _ 50 _

eval range from 0 to 2m step 1m a or on(i) b
  a{i="1",g="x"} 1 2 _
  a{i="2",g="x"} 3 _ 5
  b{i="1"} _ _ 30
  b{i="2"} _ 50 _
`);
});

it('computes with scalars on either side', async () => {
  await expectScript(`${LOAD}
eval range from 0 to 2m step 1m 2 ^ a{i="1"}
  {i="1",g="x"} 2 4 _

eval range from 0 to 2m step 1m 15 < b{i="1"}
  b{i="1"} _ 20 30

eval range from 0 to 2m step 1m b{i="1"} % bool(7) == bool 6
  expect fail

eval range from 0 to 2m step 1m (b{i="1"} % 7 == bool 6)
  {i="1"} 0 1 0

eval range from 0 to 2m step 1m b{i="1"} > time()
  b{i="1"} 10 _ _

eval instant at 0 (-1) ^ Inf
  1

eval instant at 0 -7 % 3
  -1

eval instant at 0 1 atan2 0
  1.5707963267948966
`);
});
