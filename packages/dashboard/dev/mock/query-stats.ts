/** The statistics of a made-up query (`stats=all&explain=true`). */
export const QUERY_STATS = {
  timings: {
    evalTotalTime: 0.0042,
    resultSortTime: 0,
    queryPreparationTime: 0,
    innerEvalTime: 0.0042,
    execQueueTime: 0.0001,
    execTotalTime: 0.0043,
  },
  samples: { totalQueryableSamples: 12_400, peakSamples: 2100 },
  explain: {
    id: 'q-1',
    selections: [
      {
        selector: 'up',
        start: 1_767_268_800,
        end: 1_767_269_700,
        from: 'head and engine',
        series: 4,
        samples: 12_400,
        seconds: 0.0021,
      },
    ],
    statements: [
      {
        purpose: 'metrics.samples',
        sql: '/* metrics.samples query=q-1 */ SELECT groupArray(time) FROM samples',
        seconds: 0.0018,
        bytes: 51_200,
        result: 'ok',
      },
    ],
    statementsLeftOut: 0,
  },
};
