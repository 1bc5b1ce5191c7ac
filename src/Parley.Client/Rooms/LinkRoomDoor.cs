using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Rooms;

/// <summary>Rooms over the link of an enrolled agent: docs/protocol/hub-link.md as a client. The link comes back by itself; calls under way when it breaks are refused as transient.</summary>
public sealed class LinkRoomDoor : IRoomDoor
{
    // The same patience as over HTTP.
    private static readonly TimeSpan _callTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _waitTimeout = TimeSpan.FromSeconds(125);
    private static readonly TimeSpan _settleTimeout = TimeSpan.FromSeconds(2);
    // A link that is down comes back within moments or not soon; then whoever waits is to hear of it, as over HTTP.
    private static readonly TimeSpan _absence = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, ulong> _seen = new();
    private readonly HubLink.HubLink _link;
    private readonly HomeIdentity _identity;
    private readonly TimeProvider _time;
    private long _acknowledged;
    private long _settled;

    private LinkRoomDoor(HubLink.HubLink link, HomeIdentity identity, TimeProvider time) => (_link, _identity, _time) = (link, identity, time);

    /// <summary>Opens the link and sees whether its hub has rooms on it.</summary>
    /// <param name="dialer">How the hub is reached.</param>
    /// <param name="profile">Which hub, and as whom.</param>
    /// <param name="identity">The key that is proved; disposed with the door.</param>
    /// <param name="options">What the link is for, and how patient.</param>
    /// <param name="time">Clock.</param>
    /// <param name="random">For nonces and jitter.</param>
    /// <param name="logger">Lifecycle only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The door and the hub's welcome; null when the hub is older than rooms on links.</returns>
    /// <exception cref="ParleyException">No link can be made.</exception>
    public static async Task<(LinkRoomDoor Door, Welcome Welcome)?> OpenAsync(
        ILinkDialer dialer, HubProfile profile, HomeIdentity identity, HubLinkOptions options, TimeProvider time, FillRandom random, ILogger logger, CancellationToken cancellationToken)
    {
        var door = new LinkRoomDoor(new HubLink.HubLink(options, dialer, profile, identity, new NoEnvelopes(), time, random, logger), identity, time);
        door._link.Start();
        try
        {
            var welcome = await door._link.WaitConnectedAsync(cancellationToken);
            if (welcome.Capabilities.Contains(LinkCapabilities.Rooms))
            {
                return (door, welcome);
            }
        }
        catch
        {
            await door.DisposeAsync();
            throw;
        }

        await door.DisposeAsync();
        return null;
    }

    /// <inheritdoc/>
    public async Task<RoomSeat> OpenAsync(bool isListener, bool isHeadless, string? token, CancellationToken cancellationToken)
    {
        var call = new RoomCall { Operation = RoomOperation.Open, IsListener = isListener, IsHeadless = isHeadless, Token = token ?? string.Empty };
        var answer = await AskAsync(call, cancellationToken);
        return new RoomSeat(answer.Token, RoleOf(answer), answer.Code, isHeadless);
    }

    /// <inheritdoc/>
    public async Task<RoomSeat> JoinAsync(string code, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(new RoomCall { Operation = RoomOperation.Join, Code = code }, cancellationToken);
        return new RoomSeat(answer.Token, RoleOf(answer), null, answer.IsHeadless);
    }

    /// <inheritdoc/>
    public Task SendAsync(string token, RoomMessage message, CancellationToken cancellationToken) => AskAsync(
        new RoomCall { Operation = RoomOperation.Send, Token = token, Text = UnsafeByteOperations.UnsafeWrap(Encoding.UTF8.GetBytes(message.Text)), IsHuman = message.IsHuman, Message = message.Id },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<RoomItem?> WaitAsync(string token, CancellationToken cancellationToken)
    {
        await WithinAsync(_absence, _link.WaitConnectedAsync, "The link to the hub is down.", cancellationToken);
        while ((await CallAsync(new RoomCall { Operation = RoomOperation.Wait, Token = token }, _waitTimeout, cancellationToken)).Event is { } item)
        {
            _link.AcknowledgeRoom(item);
            Interlocked.Increment(ref _acknowledged);
            if (IsNew(token, item.Position))
            {
                return ItemOf(item);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task<RoomPresence> PingAsync(string token, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(new RoomCall { Operation = RoomOperation.Ping, Token = token }, cancellationToken);
        return new RoomPresence(answer.IsPartnerConnected, answer.IsPartnerConnected ? TimeSpan.FromMilliseconds(answer.PartnerLastSeenMs) : null);
    }

    /// <inheritdoc/>
    public Task SetHeadlessAsync(string token, bool isHeadless, CancellationToken cancellationToken) =>
        AskAsync(new RoomCall { Operation = RoomOperation.SetHeadless, Token = token, IsHeadless = isHeadless }, cancellationToken);

    /// <inheritdoc/>
    public Task LeaveAsync(string token, CancellationToken cancellationToken) => AskAsync(new RoomCall { Operation = RoomOperation.Leave, Token = token }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await SettleAsync();
        await _link.DisposeAsync();
        _identity.Dispose();
    }

    private static string RoleOf(RoomAnswer answer) => answer.Role == RoomRole.Host ? RoomSeat.Host : RoomSeat.Joiner;

    private static RoomItem ItemOf(RoomEvent item)
    {
        var text = item.Text.ToStringUtf8();
        if (item.From.Length == 0)
        {
            return RoomItem.Line(text);
        }

        var turn = item.Marker switch { RoomMarker.Over => RoomTurn.Over, RoomMarker.Standby => RoomTurn.Standby, _ => RoomTurn.None };
        return RoomItem.Message(item.IsHuman ? RoomFrame.Human : item.From, item.IsHuman, turn, text);
    }

    // An acknowledgement that was lost with its connection brings the same thing again.
    private bool IsNew(string token, ulong position)
    {
        if (position != 0 && position <= _seen.GetValueOrDefault(token))
        {
            return false;
        }

        if (position != 0)
        {
            _seen[token] = position;
        }

        return true;
    }

    private async Task<RoomAnswer> AskAsync(RoomCall call, CancellationToken cancellationToken) =>
        (await CallAsync(call, _callTimeout, cancellationToken)).Answer ?? throw new ParleyException(ErrorCode.ProtocolViolation, "The hub answered a room call with an event.");

    /// <summary>The end of a link may overtake an acknowledgement on its way; frames are handled in order, so any answer to something said later tells that it was heard.</summary>
    private async Task SettleAsync()
    {
        if (Volatile.Read(ref _settled) == Volatile.Read(ref _acknowledged) || _link.TransportName.Length == 0)
        {
            return;
        }

        try
        {
            await CallAsync(new RoomCall { Operation = RoomOperation.Ping }, _settleTimeout, CancellationToken.None);
        }
        catch (ParleyException)
        {
            // Nobody's seat is refused, and that is an answer. Without one the item comes again.
        }
    }

    private async Task<RoomReply> CallAsync(RoomCall call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var acknowledged = Volatile.Read(ref _acknowledged);
        var reply = await WithinAsync(timeout, token => _link.CallRoomAsync(call, token), "The hub did not answer over the link in time.", cancellationToken);
        Volatile.Write(ref _settled, acknowledged);
        return reply.Answer is { Error.Length: > 0 } refusal
            ? throw RoomRefusals.Of(ErrorMap.FromWireName(refusal.Error), refusal.Message, refusal.RetryAfterMs == 0 ? null : TimeSpan.FromMilliseconds(refusal.RetryAfterMs))
            : reply;
    }

    private async Task<T> WithinAsync<T>(TimeSpan timeout, Func<CancellationToken, Task<T>> step, string otherwise, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await step(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.HubUnreachable, otherwise, exception);
        }
    }

    /// <summary>A caller's link of its own gets no envelopes.</summary>
    private sealed class NoEnvelopes : ILinkEvents
    {
        public void OnDelivery(IncomingEnvelope incoming)
        {
        }

        public void OnReceipt(Receipt receipt)
        {
        }

        public void OnConnected(Welcome welcome)
        {
        }

        public void OnDisconnected(string reason)
        {
        }
    }
}
