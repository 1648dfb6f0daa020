import { Labels } from '@pharos/promql';
import type { MetricsStore } from './metrics/index.ts';
import type { SeriesWriter } from './traces/index.ts';

/** What the metrics slice takes samples by. */
interface SampleStore extends Pick<MetricsStore, 'sink'> {
  readonly metadata: Pick<MetricsStore['metadata'], 'record'>;
}

/** The metrics store as what takes the metrics from spans. */
export function spanSeriesWriter({ sink, metadata }: SampleStore): SeriesWriter {
  return {
    describe: (tenant, metric, about) => metadata.record(tenant, metric, about),
    batch(tenant) {
      const appender = sink.appender({ tenant });
      // A series that a limit refuses has no ref; the store counts it.
      let ref = -1;
      return {
        sample(labels, time, value, since) {
          ref = appender.resolve(Labels.fromRecord(labels));
          if (ref >= 0) appender.append(ref, time, value, since);
        },
        exemplar(traceId, value, timestamp) {
          if (ref < 0) return;
          appender.appendExemplar(ref, {
            labels: Labels.fromRecord({ trace_id: traceId }),
            value,
            timestamp,
          });
        },
        end(labels, time) {
          ref = appender.resolve(Labels.fromRecord(labels));
          if (ref >= 0) appender.appendStale(ref, time);
        },
        commit: () => appender.commit(),
        rollback: () => appender.rollback(),
      };
    },
  };
}
