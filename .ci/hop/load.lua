-- Load of one shot: the call of $BODY over and over, each with an id of its own, in the session $SESSION.
local body, path, id = os.getenv("BODY"), os.getenv("ROUTE"), 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
if os.getenv("KEY") then wrk.headers["Authorization"] = "Bearer " .. os.getenv("KEY") end
if os.getenv("SESSION") then
   wrk.headers["Mcp-Session-Id"] = os.getenv("SESSION")
   wrk.headers["MCP-Protocol-Version"] = "2025-06-18"
end

request = function()
   id = id + 1
   return wrk.format(nil, path, nil, (body:gsub("@ID@", tostring(id))))
end

done = function(summary, latency)
   local errors = summary.errors
   io.write(string.format('RESULT {"p50":%d,"p99":%d,"calls":%d,"seconds":%.3f,"failed":%d}\n',
      latency:percentile(50), latency:percentile(99), summary.requests, summary.duration / 1e6,
      errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
