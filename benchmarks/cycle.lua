-- For wrk: asks the addresses of a file in turn. Each line: a path, then headers, with tabs between.
local requests, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local parts = {}
    for part in line:gmatch("[^\t]+") do parts[#parts + 1] = part end
    local headers = {}
    for i = 2, #parts do
      local name, value = parts[i]:match("^([^:]+): (.*)$")
      headers[name] = value
    end
    requests[#requests + 1] = wrk.format("GET", parts[1], headers)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    '{"requests": %d, "bytes": %d, "microseconds": %d, "median": %d, "connect": %d, "read": %d, "write": %d, ' ..
    '"status": %d, "timeout": %d}\n', summary.requests, summary.bytes, summary.duration, latency:percentile(50),
    failed.connect, failed.read, failed.write, failed.status, failed.timeout))
end
