/** The command that has something scraped where nothing is yet. */
export const FIRST_TARGET = `cat >> pharos.yaml <<'END'
scrape_configs:
  - job_name: checkout
    static_configs: [{targets: ['127.0.0.1:3000']}]
END`;
