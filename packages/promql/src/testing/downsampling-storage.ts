import { BUCKET_FIELDS, bucketsOf, joinBuckets } from '../downsample/buckets.ts';
import type { Availability } from '../downsample/pieces.ts';
import { planOwn, planPieces } from '../downsample/pieces.ts';
import type {
  BucketColumns,
  Downsampled,
  DownsampledPiece,
  DownsampleRequest,
  SelectRequest,
  SeriesColumns,
} from '../storage.ts';
import { MemoryStorage } from './memory-storage.ts';

/**
 * A storage that answers from buckets: only what it must, wherever it may, or up to the seam from buckets cut for each request
 * alone. Samples up to `rawFrom` are gone.
 */
export class DownsamplingStorage extends MemoryStorage {
  readonly #availability: Availability;
  readonly #prefer: boolean | 'own';
  answered = 0;

  constructor(availability: Availability, prefer: boolean | 'own') {
    super();
    this.#availability = availability;
    this.#prefer = prefer;
  }

  async downsampled(request: DownsampleRequest): Promise<Downsampled | null> {
    if (this.#prefer === 'own') return this.#own(request);
    const planned = planPieces(request, this.#availability, this.#prefer);
    if (planned.length === 0) return null;
    this.answered++;
    const { seam } = this.#availability;
    const pieces = planned.map(({ resolution, from, to, open, close }): DownsampledPiece => {
      const series = this.#whole(request).map((columns): BucketColumns => {
        const stored = bucketsOf(columns, resolution, open, Math.min(seam, close));
        return onlyFields(
          joinBuckets(stored, bucketsOf(columns, resolution, Math.max(open, seam), close)),
          request,
        );
      });
      return { resolution, from, to, series };
    });
    const next = planned.at(-1)?.to ?? 0;
    const { windows } = request;
    const startExclusive = windows.first + next * windows.step - windows.range;
    const raw = next < windows.count ? this.find({ ...request, startExclusive }) : [];
    return { pieces, raw, note: 'buckets' };
  }

  #own(request: DownsampleRequest): Downsampled | null {
    const planned = planOwn(request, this.#availability.seam);
    if (planned === undefined) return null;
    this.answered++;
    const { grid, to, open, close } = planned;
    const series = this.#whole(request).map((columns) =>
      onlyFields(bucketsOf(columns, grid, open, close), request),
    );
    const { windows } = request;
    const startExclusive = windows.first + to * windows.step - windows.range;
    const raw = to < windows.count ? this.find({ ...request, startExclusive }) : [];
    return { pieces: [{ ...grid, from: 0, to, series }], raw };
  }

  protected override find(request: SelectRequest): SeriesColumns[] {
    const startExclusive = Math.max(request.startExclusive, this.#availability.rawFrom);
    return super.find({ ...request, startExclusive });
  }

  #whole(request: SelectRequest): SeriesColumns[] {
    return super.find({ ...request, startExclusive: Number.NEGATIVE_INFINITY });
  }
}

/** What was not asked for is not there. */
function onlyFields(buckets: BucketColumns, { fields }: DownsampleRequest): BucketColumns {
  const columns: { -readonly [K in keyof BucketColumns]: BucketColumns[K] } = { ...buckets };
  for (const field of BUCKET_FIELDS) if (!fields.includes(field)) columns[field] = new Float64Array(0);
  return columns;
}
