using System.Buffers.Binary;
using Parley.WebRtc.Sctp.Receiving;
using Parley.WebRtc.Sctp.Sending;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp;

/// <summary>Streams that begin anew (RFC 6525): ours when we ask and all before is sent, the peer's when it asks and all before has arrived.</summary>
/// <remarks>
/// One request of ours is under way at a time; it is repeated until it is answered. A data channel is closed by each end's reset of its own side (RFC 8831,
/// section 6.7), so a wish that we reset ours is denied, as resets of the TSNs and additional streams are.
/// </remarks>
internal sealed class StreamResets(DataSender sender, DataReceiver receiver, EventQueue events, PendingControl control, SctpOptions options)
{
    private const int MaxStreamsOfRequest = 128;
    private const int MaxDeferredBytes = 4096;

    private readonly List<ushort> _wanted = [];
    private readonly List<ushort> _asked = [];
    private byte[]? _request;
    private byte[]? _deferred;
    private bool _isDue;
    private uint _next;
    private uint _peerNext;
    private ReconfigResult _lastResult;

    /// <summary>When the request is repeated.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Repetitions without any answer.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Whether the peer can do it.</summary>
    public bool IsSupported { get; private set; }

    /// <summary>Begins with both ends' initial TSNs, from which the requests are counted too.</summary>
    public void Start(uint first, uint peerFirst, bool isSupported)
    {
        _wanted.Clear();
        _asked.Clear();
        (_next, _peerNext, IsSupported, _request, _deferred, _isDue) = (first, peerFirst, isSupported, null, null, false);
        (Deadline, Unanswered, _lastResult) = (TimeSpan.MaxValue, 0, ReconfigResult.NothingToDo);
    }

    /// <summary>Our side of a stream shall begin anew after what waits in it.</summary>
    public void Want(ushort stream)
    {
        if (!IsSupported)
        {
            events.Add(new SctpEvent(SctpEventKind.ResetRefused, stream));
            return;
        }

        if (!sender.Queue.Stream(stream).IsResetting)
        {
            sender.Queue.Stream(stream).IsResetting = true;
            _wanted.Add(stream);
        }
    }

    /// <summary>Writes our request when it is due.</summary>
    public void Write(ref PacketWriter writer, TimeSpan now)
    {
        if (_request is null && _wanted.Count > 0)
        {
            Ask();
        }

        if (_request is { } request && _isDue && request.Length <= writer.Room)
        {
            writer.Add(request);
            _isDue = false;
            Deadline = now + sender.RoundTrip.Timeout;
        }
    }

    /// <summary>Repeats the request when no answer came.</summary>
    public void Tick(TimeSpan now)
    {
        if (now >= Deadline)
        {
            (_isDue, Deadline) = (true, TimeSpan.MaxValue);
            Unanswered++;
            sender.RoundTrip.BackOff();
        }
    }

    /// <summary>Takes a RE-CONFIG chunk.</summary>
    public void OnChunk(ReadOnlySpan<byte> chunk)
    {
        var reader = new ChunkReader(chunk);
        while (reader.MoveNext())
        {
            var value = reader.Value;
            switch (reader.ParameterType)
            {
                case ReconfigParameter.OutgoingReset when value.Length >= ReconfigParameter.OutgoingFixedBytes:
                    OnOutgoing(value);
                    break;
                case ReconfigParameter.Answer when value.Length >= 8:
                    OnAnswer(BinaryPrimitives.ReadUInt32BigEndian(value), (ReconfigResult)BinaryPrimitives.ReadUInt32BigEndian(value[4..]));
                    break;
                case ReconfigParameter.IncomingReset or ReconfigParameter.TsnReset or ReconfigParameter.AddOutgoing or ReconfigParameter.AddIncoming when value.Length >= 4:
                    Answer(BinaryPrimitives.ReadUInt32BigEndian(value), static (_, _) => ReconfigResult.Denied, value);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Data arrived, or the reader made room: a reset that waited for either may be due.</summary>
    public void Resume()
    {
        if (_deferred is { } waiting && TryPerform(waiting))
        {
            _deferred = null;
            _lastResult = ReconfigResult.Performed;
            control.Add(ReconfigParameter.AnswerChunk(_peerNext - 1, _lastResult));
        }
    }

    private void Ask()
    {
        foreach (var stream in _wanted)
        {
            if (_asked.Count < MaxStreamsOfRequest && !sender.Queue.HasWaiting(stream))
            {
                _asked.Add(stream);
            }
        }

        if (_asked.Count > 0)
        {
            _wanted.RemoveAll(_asked.Contains);
            _request = ReconfigParameter.OutgoingChunk(_next++, _peerNext - 1, sender.LastTsn, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_asked));
            _isDue = true;
        }
    }

    private void OnAnswer(uint number, ReconfigResult result)
    {
        if (_request is null || number != _next - 1)
        {
            return;
        }

        Unanswered = 0;
        if (result == ReconfigResult.InProgress)
        {
            return;
        }

        var isDone = result is ReconfigResult.Performed or ReconfigResult.NothingToDo;
        foreach (var id in _asked)
        {
            var stream = sender.Queue.Stream(id);
            stream.IsResetting = false;
            stream.NextSsn = isDone ? (ushort)0 : stream.NextSsn;
            events.Add(new SctpEvent(isDone ? SctpEventKind.OutgoingReset : SctpEventKind.ResetRefused, id));
        }

        _asked.Clear();
        (_request, _isDue, Deadline) = (null, false, TimeSpan.MaxValue);
    }

    private void OnOutgoing(ReadOnlySpan<byte> value) =>
        Answer(BinaryPrimitives.ReadUInt32BigEndian(value), static (resets, request) => resets.Perform(request), value);

    private ReconfigResult Perform(ReadOnlySpan<byte> request)
    {
        if (request.Length > MaxDeferredBytes)
        {
            return ReconfigResult.Denied;
        }

        var copy = request.ToArray();
        if (TryPerform(copy))
        {
            return ReconfigResult.Performed;
        }

        _deferred = copy;
        return ReconfigResult.InProgress;
    }

    // A request that was answered gets the same answer again; any other number than the next is wrong.
    private void Answer(uint number, Func<StreamResets, ReadOnlySpan<byte>, ReconfigResult> perform, ReadOnlySpan<byte> request)
    {
        if (number == _peerNext)
        {
            _peerNext++;
            _lastResult = perform(this, request);
        }
        else if (number != _peerNext - 1)
        {
            control.Add(ReconfigParameter.AnswerChunk(number, ReconfigResult.BadRequestNumber));
            return;
        }

        control.Add(ReconfigParameter.AnswerChunk(number, _lastResult));
    }

    // Not while there is no room for its events: a refusal would be final, and silence would make the peer give up on a reader that is only slow.
    private bool TryPerform(ReadOnlySpan<byte> request)
    {
        if (receiver.Held > options.ReceiveBufferBytes || SerialNumber.IsAfter(BinaryPrimitives.ReadUInt32BigEndian(request[8..]), receiver.Tsns.Cumulative))
        {
            return false;
        }

        var streams = request[ReconfigParameter.OutgoingFixedBytes..];
        foreach (var stream in streams.IsEmpty ? receiver.KnownStreams() : Read(streams))
        {
            receiver.ResetStream(stream);
            events.Add(new SctpEvent(SctpEventKind.IncomingReset, stream));
        }

        return true;
    }

    private static ushort[] Read(ReadOnlySpan<byte> streams)
    {
        var ids = new ushort[streams.Length / 2];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = BinaryPrimitives.ReadUInt16BigEndian(streams[(i * 2)..]);
        }

        return ids;
    }
}
