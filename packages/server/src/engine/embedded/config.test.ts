import { expect, test } from 'vitest';
import { DEFAULT_MEMORY_BYTES, engineLimits, serverConfig, sessionArguments } from './config.ts';

test('everything is scaled from one memory setting', () => {
  expect(serverConfig(DEFAULT_MEMORY_BYTES, 0)).toContain('<mark_cache_size>33554432</mark_cache_size>');
  const large = serverConfig(DEFAULT_MEMORY_BYTES * 4, 1_000_000);
  expect(large).toContain('<max_server_memory_usage>2000000000</max_server_memory_usage>');
  expect(large).toContain('<mark_cache_size>134217728</mark_cache_size>');
  expect(large).toContain(
    '<min_compressed_bytes_to_fsync_after_merge>1</min_compressed_bytes_to_fsync_after_merge>',
  );
  expect(large).toContain(
    '<min_free_disk_bytes_to_perform_insert>1000000</min_free_disk_bytes_to_perform_insert>',
  );
  expect(engineLimits(1).write.memoryBytes).toBe(120_000_000);
});

test('tables without work are looked at soon, then ever later, and merges are wide', () => {
  const config = serverConfig(DEFAULT_MEMORY_BYTES, 0);
  for (const setting of [
    '<background_processing_pool_thread_sleep_seconds_if_nothing_to_do>0.0125<',
    '<background_processing_pool_task_sleep_seconds_when_no_work_multiplier>8<',
    '<background_processing_pool_task_sleep_seconds_when_no_work_random_part>0.05<',
    '<background_streaming_processing_pool_thread_sleep_seconds_if_nothing_to_do>600<',
    '<merge_tree_clear_old_parts_interval_seconds>10<',
    '<merge_selector_base>16<',
    '<auto_statistics_types><',
  ])
    expect(config).toContain(setting);
});

test('readers are read-only; writers take one partition and one block, without deduplication', () => {
  const limits = engineLimits(DEFAULT_MEMORY_BYTES);
  const read = sessionArguments('/x.xml', 'interactive', limits.interactive);
  expect(read).toContain('--readonly=1');
  expect(read).toContain('--max_execution_time=30');
  expect(read).toContain('--max_result_bytes=64000000');
  expect(read).toContain('--local_filesystem_read_method=pread');
  expect(read.join(' ')).not.toContain('use_skip_indexes_on_data_read');
  const lookup = sessionArguments('/x.xml', 'lookup', limits.lookup);
  expect(lookup).toEqual([...read, '--use_skip_indexes_on_data_read=0', '--enable_analyzer=0']);
  const point = sessionArguments('/x.xml', 'point', limits.point);
  expect(point).toEqual(lookup.map((one) => (one === '--max_threads=2' ? '--max_threads=1' : one)));
  const write = sessionArguments('/x.xml', 'write', limits.write);
  expect(write).not.toContain('--readonly=1');
  expect(write.join(' ')).not.toContain('local_filesystem_read_method');
  expect(write).toContain('--max_partitions_per_insert_block=1');
  expect(write).toContain('--insert_deduplicate=0');
});
