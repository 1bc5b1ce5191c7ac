using Parley.Hub.Connections;
using Parley.Hub.Connections.Log;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>The message log for those whose messages it has: an agent reads its own rows, a key those of its owner's agents but private ones, an admin all.</summary>
/// <remarks>What an admin may not read is what only an owner had written down: content of other owners' rows, unless the whole hub logs in mode full.</remarks>
internal sealed class MessageOperations(LogReader reader, LogPolicy policy, AgentRegistry agents) : IOperationModule
{
    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations => [Operation.Of("messages.list", Role.Agent, ApiScopes.Messages, _json.MessageListArguments, _json.MessagePage, ListAsync)];

    private async Task<MessagePage> ListAsync(OperationCall call, MessageListArguments arguments, CancellationToken cancellationToken)
    {
        var (limit, _) = Paging.Read(new ListArguments(arguments.Limit));
        var query = new LogQuery(
            OwnerOf(call.Caller, arguments.Owner),
            AgentOf(call.Caller, arguments),
            arguments.Connection,
            OneOf(arguments.Direction, "direction", "outgoing", "incoming"),
            OneOf(arguments.Status, "status", "sent", "delivered", "failed"),
            Math.Max(arguments.Since?.ToUnixTimeMilliseconds() ?? 0, SinceOf(call.Caller)),
            arguments.Until?.ToUnixTimeMilliseconds() ?? long.MaxValue,
            address => MaySee(call.Caller, address));
        var place = arguments.Before is { } before ? LogPlace.Parse(before) : LogPlace.Newest;
        var (rows, next) = await reader.ReadAsync(query, place, limit, cancellationToken);
        return new MessagePage([.. rows.Select(row => ViewOf(call.Caller, row))], next?.ToString());
    }

    private static string? OwnerOf(Principal caller, string? owner) => caller.Role == Role.Admin ? owner : AccessPolicy.OwnerOf(caller, owner);

    /// <summary>The agent that is meant, whether it is still there or not. Another's answers as one that never was.</summary>
    private static string? AgentOf(Principal caller, MessageListArguments arguments)
    {
        if (arguments.Agent is not { } text)
        {
            return caller.Agent?.ToString();
        }

        var address = AgentAddress.TryParse(text, out var whole) ? whole
            : Names.IsValid(text) ? new AgentAddress(arguments.Owner ?? caller.Owner ?? Owners.Default, text)
            : throw Unknown();
        var isOwn = caller.Role == Role.Admin || (caller.Agent is { } self ? self == address : caller.Owner == address.Owner);
        return isOwn ? address.ToString() : throw Unknown();
    }

    /// <summary>An agent that has another's former name does not read what that one was told.</summary>
    private long SinceOf(Principal caller) => caller.Agent is { } self && agents.Find(self) is { } agent ? agent.CreatedAt.ToUnixTimeMilliseconds() : 0;

    private bool MaySee(Principal caller, string text) =>
        caller.Role == Role.Admin || caller.Agent is not null || !AgentAddress.TryParse(text, out var address) || !agents.IsPrivate(address);

    private MessageView ViewOf(Principal caller, StoredLogRow row) => new(
        row.Id,
        row.Direction,
        row.ConnectionId,
        caller.Role != Role.Admin || caller.Owner == row.Owner || policy.Mode == MessageLogMode.Full ? row.Content : null,
        row.Status,
        DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMs),
        row.MessageId,
        row.Agent,
        row.Peer,
        row.Type,
        NullIfEmpty(row.Thread),
        NullIfEmpty(row.Correlation),
        NullIfEmpty(row.Error),
        row.LatencyMs);

    private static string? OneOf(string? text, string field, params ReadOnlySpan<string> words) => text is null || words.Contains(text)
        ? text
        : throw new ParleyException(ErrorCode.InvalidArgument, $"The {field} is one of: {string.Join(", ", words!)}.") { Field = field };

    private static ParleyException Unknown() => new(ErrorCode.AgentUnknown, "There is no such agent for you.");

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
