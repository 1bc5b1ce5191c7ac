using Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi;

/// <summary>One event of a task's log, as a stream tells it.</summary>
/// <param name="Number">Its number in the log of the task, from 1; grows by one. The snapshot that begins a subscription has the number of the last event in it. Goes out as SSE's <c>id</c>, together with the task's id.</param>
/// <param name="Response">Task, status update or artifact update.</param>
internal readonly record struct TaskEvent(long Number, StreamResponse Response);
