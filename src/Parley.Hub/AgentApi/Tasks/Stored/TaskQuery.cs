using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.AgentApi.Tasks.Stored;

/// <summary>Which tasks of an owner a list is to show, checked. Pure.</summary>
/// <param name="Owner">Whose tasks.</param>
/// <param name="Agent">Of which agent.</param>
/// <param name="Context">Of one context; empty for all.</param>
/// <param name="State">In one state; unspecified for all.</param>
/// <param name="AfterMs">Whose status is newer than this, Unix milliseconds; or equally old.</param>
/// <param name="PageSize">1 to 100.</param>
/// <param name="Cursor">The last task of the page before; null for the first page.</param>
/// <param name="HistoryLength">Most messages of each history; null for all.</param>
/// <param name="WithArtifacts">Whether artifacts are shown.</param>
internal sealed record TaskQuery(
    TaskOwner Owner, AgentAddress Agent, string Context, TaskState State, long AfterMs, int PageSize, TaskCursor? Cursor, int? HistoryLength, bool WithArtifacts)
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 100;

    /// <summary>Reads a request.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static TaskQuery Of(TaskOwner owner, AgentAddress agent, ListTasksRequest request)
    {
        var size = request.HasPageSize ? request.PageSize : DefaultPageSize;
        if (size is < 1 or > MaxPageSize)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"A page has 1 to {MaxPageSize} tasks.") { Field = "pageSize" };
        }

        if (request is { HasHistoryLength: true, HistoryLength: < 0 })
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The length of a history cannot be negative.") { Field = "historyLength" };
        }

        if (!Enum.IsDefined(request.Status))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "There is no such state.") { Field = "status" };
        }

        var query = new TaskQuery(
            owner, agent, request.ContextId, request.Status, request.StatusTimestampAfter?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0, size, null,
            request.HasHistoryLength ? request.HistoryLength : null, request.IncludeArtifacts);
        return request.PageToken.Length == 0 ? query : query with { Cursor = TaskCursor.Parse(request.PageToken, query) };
    }
}
