import type { LimitClass } from '../types.ts';

/** What one statement of a class may take, and how many run at once. */
export interface ClassLimits {
  readonly sessions: number;
  /** Statements that may wait for a session; more are refused at once. */
  readonly waiting: number;
  readonly executionSeconds: number;
  readonly memoryBytes: number;
  readonly resultBytes: number;
  readonly threads: number;
}

export type EngineLimits = Readonly<Record<LimitClass, ClassLimits>>;

/** What everything else is scaled from: the measured settings of a small server. */
export const DEFAULT_MEMORY_BYTES = 500_000_000;

/** Inserts are refused while the disk has less free space than this. */
export const DEFAULT_FREE_DISK_BYTES = 134_217_728;

const MIN_MEMORY_BYTES = 200_000_000;

/**
 * One setting, `storage.memory`: the engine's share of the machine. Under 200 MB a block of 250 k rows does not fit.
 */
export function engineLimits(memoryBytes: number): EngineLimits {
  const memory = Math.max(MIN_MEMORY_BYTES, memoryBytes);
  return {
    interactive: {
      sessions: 4,
      waiting: 64,
      executionSeconds: 30,
      memoryBytes: memory * 0.5,
      resultBytes: 64_000_000,
      threads: 2,
    },
    lookup: {
      sessions: 4,
      waiting: 64,
      executionSeconds: 30,
      memoryBytes: memory * 0.5,
      resultBytes: 64_000_000,
      threads: 2,
    },
    point: {
      sessions: 2,
      waiting: 64,
      executionSeconds: 30,
      memoryBytes: memory * 0.5,
      resultBytes: 64_000_000,
      threads: 1,
    },
    background: {
      sessions: 2,
      waiting: 256,
      executionSeconds: 120,
      memoryBytes: memory * 0.4,
      resultBytes: 64_000_000,
      threads: 1,
    },
    write: {
      sessions: 2,
      waiting: 256,
      executionSeconds: 120,
      memoryBytes: memory * 0.6,
      resultBytes: 16_000_000,
      threads: 1,
    },
  };
}

/** More rows than one insert block may have, so that a file is always read as one block. */
const FILE_BLOCK_ROWS = 1_000_000;

/**
 * Query settings are per session and given when it opens: `readonly=1` refuses them in a statement, and the engine
 * ignores `<profiles>` in its file.
 */
export function sessionArguments(configFile: string, limitClass: LimitClass, limits: ClassLimits): string[] {
  const settings: Record<string, number | string> = {
    'config-file': configFile,
    session_timezone: 'UTC',
    max_threads: limits.threads,
    // Else a thread more is allowed only for each gigabyte that the engine could still take: with less than two, each statement has one.
    max_threads_min_free_memory_per_thread: 0,
    max_memory_usage: Math.floor(limits.memoryBytes),
    max_bytes_before_external_group_by: Math.floor(limits.memoryBytes / 3),
    max_bytes_before_external_sort: Math.floor(limits.memoryBytes / 3),
    max_execution_time: limits.executionSeconds,
    max_result_bytes: limits.resultBytes,
    max_query_size: 1_048_576,
    ...(limitClass === 'write' ? WRITE_SETTINGS : READ_SETTINGS),
    ...((limitClass === 'lookup' || limitClass === 'point') && LOOKUP_SETTINGS),
  };
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}

/** Else each read of a file is handed to a thread of another pool: a question reads some forty pieces, nearly all of them in memory. */
const READ_SETTINGS = { readonly: 1, local_filesystem_read_method: 'pread' } as const;

/**
 * Else the indexes are asked block by block as rows are read, which suits what is common: reading ends where there is enough. For what
 * is in few blocks that costs a quarter more. Planning is a good part of such a question (a search for a text in a few thousand lines: 1.3 of 10 ms
 * of the processor more with the newer analyzer), and the older one plans what has no join and no nested query.
 */
const LOOKUP_SETTINGS = { use_skip_indexes_on_data_read: 0, enable_analyzer: 0 } as const;

const WRITE_SETTINGS = {
  max_insert_threads: 1,
  max_block_size: FILE_BLOCK_ROWS,
  max_insert_block_size: FILE_BLOCK_ROWS,
  min_insert_block_size_rows: 0,
  min_insert_block_size_bytes: 0,
  preferred_block_size_bytes: 0,
  input_format_max_block_size_bytes: 0,
  input_format_parallel_parsing: 0,
  // A garbled length must fail as such, before memory is reserved for it.
  format_binary_max_string_size: 16_777_216,
  format_binary_max_array_size: 1_000_000,
  max_partitions_per_insert_block: 1,
  // A recorded token may be of an insert that never committed: a repeat with it would lose rows.
  insert_deduplicate: 0,
} as const;

/**
 * How long a part that was merged away stays. What replaced it is fsynced, and no journaling file system keeps the removal of a file without
 * the renaming before it; this is four of the five seconds after which such systems write their journal. Each part is a millisecond of
 * the engine's start.
 */
export const OLD_PARTS_SECONDS = 20;

/** The server's own settings, as its configuration file: caches and pools bounded, everything merged is fsynced. */
export function serverConfig(memoryBytes: number, freeDiskBytes: number): string {
  const memory = Math.max(MIN_MEMORY_BYTES, memoryBytes);
  const share = (bytes: number): number => Math.floor((bytes * memory) / DEFAULT_MEMORY_BYTES);
  const settings: readonly (readonly [string, number])[] = [
    ['max_server_memory_usage', Math.floor(memory)],
    ['max_server_memory_usage_to_ram_ratio', 0.6],
    ['mark_cache_size', share(33_554_432)],
    ['index_mark_cache_size', share(16_777_216)],
    ['uncompressed_cache_size', 0],
    ['index_uncompressed_cache_size', 0],
    ['primary_index_cache_size', share(33_554_432)],
    ['mmap_cache_size', 0],
    ['query_condition_cache_size', share(8_388_608)],
    ['compiled_expression_cache_size', share(16_777_216)],
    ['text_index_header_cache_size', share(16_777_216)],
    ['text_index_tokens_cache_size', share(16_777_216)],
    ['text_index_postings_cache_size', share(33_554_432)],
    // How often the engine's own count of its memory is put right; the usual 50 ms took 0.2 % of a core, 500 ms 0.025 %.
    ['memory_worker_period_ms', 1000],
    // How soon a table without work looks for some again: after 0.1 s, and each time eight times as long, up to ten minutes. An insert wakes
    // it up and halves the number of those times; so does each part of a DELETE, for whose next one the table waits: 0.1 s. The usual steps,
    // which grow by a tenth, keep tables awake for minutes after each insert: from 0.1 s that took 0.14 % of a core, from one second 0.07 %.
    ['background_processing_pool_thread_sleep_seconds_if_nothing_to_do', 0.0125],
    ['background_processing_pool_task_sleep_seconds_when_no_work_multiplier', 8],
    ['background_processing_pool_task_sleep_seconds_when_no_work_random_part', 0.05],
    ['background_streaming_processing_pool_thread_sleep_seconds_if_nothing_to_do', 600],
    ['background_pool_size', 2],
    ['background_merges_mutations_concurrency_ratio', 1],
    ['max_thread_pool_size', 200],
    ['max_thread_pool_free_size', 8],
    ['max_io_thread_pool_size', 8],
    ['max_io_thread_pool_free_size', 0],
    ['max_active_parts_loading_thread_pool_size', 4],
    ['max_parts_cleaning_thread_pool_size', 2],
  ];
  const mergeTree: readonly (readonly [string, number | string])[] = [
    ['merge_max_block_size_bytes', 2_097_152],
    ['max_bytes_to_merge_at_max_space_in_pool', 5_368_709_120],
    // About how many parts make one: wider merges write a row again less often. At 5, the usual, parts of 250,000 samples that come
    // every 25 s are written 4.5 times in a day, at 16 2.7 times, and a day has 14 parts on average instead of 8.
    ['merge_selector_base', 16],
    ['old_parts_lifetime', OLD_PARTS_SECONDS],
    // Statistics of every column, for plans that our statements leave no choice in: a tenth of the CPU of inserts and merges.
    ['auto_statistics_types', ''],
    // A cleaning counts as work, after which a table looks for more at once: each second it never came to rest.
    ['merge_tree_clear_old_parts_interval_seconds', 10],
    ['min_free_disk_bytes_to_perform_insert', Math.floor(freeDiskBytes)],
    ['min_compressed_bytes_to_fsync_after_merge', 1],
    ['fsync_after_insert', 1],
    ['fsync_part_directory', 1],
  ];
  const lines = (items: readonly (readonly [string, number | string])[], indent: string): string =>
    items.map(([name, value]) => `${indent}<${name}>${value}</${name}>\n`).join('');
  return `<clickhouse>\n${lines(settings, '  ')}  <merge_tree>\n${lines(mergeTree, '    ')}  </merge_tree>\n</clickhouse>\n`;
}

/**
 * The environment the engine's process needs before its library loads: threads for waiting calls, memory given back soon, and few
 * arenas for what does not come from the library's own allocator.
 */
export const ENGINE_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  UV_THREADPOOL_SIZE: '16',
  JE_MALLOC_CONF: 'dirty_decay_ms:500,background_thread:true',
};
