/** The command that sends a log line where there is none yet. */
export const FIRST_LINE = `echo '{"service":"cart","level":"error","message":"no stock"}' | curl -s --data-binary @- ${window.location.origin}/api/logs`;
