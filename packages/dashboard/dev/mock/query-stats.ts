/** The statistics of a made-up query (`stats=all`). */
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
};
