using System.Globalization;
using Parley.Protocol.Errors;
using Parley.WebRtc.Sctp;

namespace Parley.WebRtc.Channels;

/// <summary>The data channels of one association: opens and closes them, and says what arrives on which.</summary>
/// <remarks>
/// Packets and time go through the association itself; its events are read here and nowhere else. The end that is the client of DTLS opens channels with even
/// numbers, the other one with odd ones, so that both may open at once (RFC 8832, section 6). Not safe for more than one thread.
/// </remarks>
public sealed class DataChannels
{
    private const uint Text = 51;
    private const uint Binary = 53;
    private const uint EmptyText = 56;
    private const uint EmptyBinary = 57;

    private readonly SctpAssociation _association;
    private readonly DataChannelLimits _limits;
    private readonly ushort _parity;
    private readonly Dictionary<ushort, DataChannel> _channels = [];
    private readonly Queue<DataChannelEvent> _told = new();
    private readonly Queue<(DataChannel Channel, byte[] Bytes)> _unsent = new();

    /// <summary>Begins with no channel.</summary>
    /// <param name="association">The association, whose events belong to this object from now on.</param>
    /// <param name="isDtlsClient">Whether this end began the DTLS handshake.</param>
    /// <param name="limits">Limits of both ends.</param>
    public DataChannels(SctpAssociation association, bool isDtlsClient, DataChannelLimits limits)
    {
        ArgumentNullException.ThrowIfNull(association);
        ArgumentNullException.ThrowIfNull(limits);
        (_association, _limits, _parity) = (association, limits, (ushort)(isDtlsClient ? 0 : 1));
    }

    /// <summary>Channels that are not over.</summary>
    public int Count => _channels.Count;

    /// <summary>Opens a channel; it can be used from <see cref="DataChannelEventKind.Opened"/> on.</summary>
    /// <exception cref="ParleyException">There are too many channels (<c>rate_limited</c>), or the options contradict each other (<c>invalid_argument</c>).</exception>
    public DataChannel Open(DataChannelOptions options, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        var channel = new DataChannel(this, FreeId(), options);
        _channels.Add(channel.Id, channel);
        if (_association.State == SctpState.Established)
        {
            Announce(channel, now);
        }

        return channel;
    }

    /// <summary>Takes the next event; a message's bytes are valid until the next call.</summary>
    /// <param name="now">The time: answers to the peer are given to the association.</param>
    /// <param name="happened">The event.</param>
    public bool TryRead(TimeSpan now, out DataChannelEvent happened)
    {
        while (!_told.TryDequeue(out happened))
        {
            if (!_association.TryRead(out var source))
            {
                SendUnsent(now);
                return false;
            }

            if (TryTranslate(in source, now, out happened))
            {
                return true;
            }
        }

        return true;
    }

    internal long BufferedOf(ushort id) => _association.BufferedBytesOf(id);

    internal DataChannelSendResult Send(DataChannel channel, ReadOnlySpan<byte> payload, bool isText, TimeSpan now)
    {
        if (_limits.PeerMaxMessageBytes > 0 && payload.Length > _limits.PeerMaxMessageBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, string.Create(CultureInfo.InvariantCulture,
                $"A message of {payload.Length} bytes is larger than the {_limits.PeerMaxMessageBytes} bytes that the other end takes."));
        }

        if (channel.State != DataChannelState.Open)
        {
            return DataChannelSendResult.Closed;
        }

        // An opening that found no room goes first: a shorter message might find some, and the peer would not know its channel.
        SendUnsent(now);
        if (!channel.IsAnnounced)
        {
            return DataChannelSendResult.Full;
        }

        var delivery = new SctpDelivery
        {
            IsUnordered = !channel.Options.IsOrdered && channel.IsConfirmed,
            MaxRetransmits = channel.Options.MaxRetransmits,
            Lifetime = channel.Options.Lifetime,
        };
        var result = payload.IsEmpty
            ? _association.Send(channel.Id, isText ? EmptyText : EmptyBinary, [0], delivery, now)
            : _association.Send(channel.Id, isText ? Text : Binary, payload, delivery, now);
        return result switch
        {
            SctpSendResult.Accepted => DataChannelSendResult.Accepted,
            SctpSendResult.Full => DataChannelSendResult.Full,
            _ => DataChannelSendResult.Closed,
        };
    }

    internal void Close(DataChannel channel)
    {
        if (channel.State == DataChannelState.Connecting || !channel.IsAnnounced)
        {
            Forget(channel);
        }
        else if (channel.State == DataChannelState.Open)
        {
            channel.State = DataChannelState.Closing;
            _association.ResetStream(channel.Id);
        }
    }

    private bool TryTranslate(in SctpEvent source, TimeSpan now, out DataChannelEvent happened)
    {
        happened = default;
        switch (source.Kind)
        {
            case SctpEventKind.Connected:
                foreach (var channel in _channels.Values.Where(channel => channel.State == DataChannelState.Connecting).ToArray())
                {
                    Announce(channel, now);
                }

                return false;
            case SctpEventKind.Message:
                return OnMessage(in source, now, out happened);
            case SctpEventKind.IncomingReset or SctpEventKind.OutgoingReset or SctpEventKind.ResetRefused:
                OnReset(source.Stream, source.Kind);
                return false;
            case SctpEventKind.Writable:
                SendUnsent(now);
                happened = new DataChannelEvent(DataChannelEventKind.Writable);
                return true;
            default:
                OnEnd(in source);
                return false;
        }
    }

    private bool OnMessage(in SctpEvent source, TimeSpan now, out DataChannelEvent happened)
    {
        happened = default;
        if (source.ProtocolId == DcepMessage.ProtocolId)
        {
            OnDcep(source.Stream, source.Payload.Span);
            SendUnsent(now);
            return false;
        }

        if (!_channels.TryGetValue(source.Stream, out var channel) || source.ProtocolId is not (Text or Binary or EmptyText or EmptyBinary))
        {
            return false;
        }

        // Anything that comes back shows that the peer knows the channel.
        channel.IsConfirmed = true;
        var isEmpty = source.ProtocolId is EmptyText or EmptyBinary;
        happened = new DataChannelEvent(DataChannelEventKind.Message, channel, isEmpty ? default : source.Payload, source.ProtocolId is Text or EmptyText);
        return true;
    }

    private void OnDcep(ushort stream, ReadOnlySpan<byte> bytes)
    {
        if (_channels.TryGetValue(stream, out var known))
        {
            // A second OPEN on a channel in use is the peer's mistake; the channel stays what it is.
            known.IsConfirmed |= DcepMessage.IsAck(bytes);
            return;
        }

        if (!DcepMessage.TryReadOpen(bytes, out var options))
        {
            return;
        }

        if (_channels.Count >= _limits.MaxChannels || stream % 2 == _parity || stream >= _association.OutboundStreams)
        {
            _association.ResetStream(stream);
            return;
        }

        var channel = new DataChannel(this, stream, options) { State = DataChannelState.Open, IsConfirmed = true, IsAnnounced = true };
        _channels.Add(stream, channel);
        _association.SetWeight(stream, options.Priority);
        _unsent.Enqueue((channel, DcepMessage.Ack.ToArray()));
        _told.Enqueue(new DataChannelEvent(DataChannelEventKind.PeerOpened, channel));
    }

    private void Announce(DataChannel channel, TimeSpan now)
    {
        if (channel.Id >= _association.OutboundStreams)
        {
            Forget(channel);
            return;
        }

        _association.SetWeight(channel.Id, channel.Options.Priority);
        channel.State = DataChannelState.Open;
        _unsent.Enqueue((channel, DcepMessage.Open(channel.Options)));
        _told.Enqueue(new DataChannelEvent(DataChannelEventKind.Opened, channel));
        SendUnsent(now);
    }

    // At most one OPEN or ACK a channel waits here, when the association's buffer is full.
    private void SendUnsent(TimeSpan now)
    {
        while (_unsent.TryPeek(out var next))
        {
            var isGone = next.Channel.State == DataChannelState.Closed;
            if (!isGone && _association.Send(next.Channel.Id, DcepMessage.ProtocolId, next.Bytes, default, now) == SctpSendResult.Full)
            {
                return;
            }

            next.Channel.IsAnnounced = true;
            _unsent.Dequeue();
        }
    }

    private void OnReset(ushort stream, SctpEventKind kind)
    {
        if (!_channels.TryGetValue(stream, out var channel))
        {
            return;
        }

        channel.IsOutgoingReset |= kind != SctpEventKind.IncomingReset;
        channel.IsIncomingReset |= kind == SctpEventKind.IncomingReset;

        // A peer that cannot reset will never reset its side either.
        channel.IsIncomingReset |= kind == SctpEventKind.ResetRefused;
        if (kind == SctpEventKind.IncomingReset && channel.State == DataChannelState.Open)
        {
            _told.Enqueue(new DataChannelEvent(DataChannelEventKind.Closing, channel));
            Close(channel);
        }

        if (channel.IsOutgoingReset && channel.IsIncomingReset)
        {
            Forget(channel);
        }
    }

    // A peer that began anew knows none of our channels: they are over too.
    private void OnEnd(in SctpEvent source)
    {
        foreach (var channel in _channels.Values.ToArray())
        {
            Forget(channel);
        }

        if (source.Kind != SctpEventKind.Restarted)
        {
            var kind = source.Kind == SctpEventKind.Closed ? DataChannelEventKind.Ended : DataChannelEventKind.Failed;
            _told.Enqueue(new DataChannelEvent(kind, Failure: source.Failure));
        }
    }

    private void Forget(DataChannel channel)
    {
        channel.State = DataChannelState.Closed;
        _channels.Remove(channel.Id);
        _told.Enqueue(new DataChannelEvent(DataChannelEventKind.Closed, channel));
    }

    private ushort FreeId()
    {
        if (_channels.Count >= _limits.MaxChannels)
        {
            throw new ParleyException(ErrorCode.RateLimited, string.Create(CultureInfo.InvariantCulture, $"There are {_limits.MaxChannels} data channels already."));
        }

        var most = _association.OutboundStreams == 0 ? ushort.MaxValue : _association.OutboundStreams;
        for (int id = _parity; id < most; id += 2)
        {
            if (!_channels.ContainsKey((ushort)id))
            {
                return (ushort)id;
            }
        }

        throw new ParleyException(ErrorCode.RateLimited, "The other end takes no more data channels.");
    }

    private static void Check(DataChannelOptions options)
    {
        var isLong = System.Text.Encoding.UTF8.GetByteCount(options.Label) > DataChannelOptions.MaxTextBytes
            || System.Text.Encoding.UTF8.GetByteCount(options.Protocol) > DataChannelOptions.MaxTextBytes;
        if (isLong || (options.MaxRetransmits is not null && options.Lifetime is not null) || options.MaxRetransmits < 0 || options.Lifetime < TimeSpan.Zero)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A data channel has a label and a protocol of at most 1024 bytes, and at most one of a retransmission limit and a lifetime.");
        }
    }
}
