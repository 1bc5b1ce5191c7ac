using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using Google.Protobuf;
using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.AgentApi.Calls;

/// <summary>The session under which the hub itself sends for all callers of one address. It is a session like an agent's, with this process at both ends.</summary>
/// <remarks>It is in no directory: it receives nothing but what belongs to its calls, and neither silence nor draining ends it.</remarks>
internal sealed class CallerSession : ILinkTransport
{
    private static readonly Reply _unreadable = new()
    {
        State = ReplyState.Failed,
        ErrorCode = ErrorMap.Of(ErrorCode.AgentAnswerInvalid).WireName,
        ErrorMessage = "The agent's answer cannot be read.",
    };

    private readonly ConcurrentDictionary<string, AgentCall> _calls = new(StringComparer.Ordinal);
    private readonly Router _router;
    private readonly FillRandom _random;
    private readonly Session _session;
    private readonly BodyAssembly _assembly = new();
    private readonly Dictionary<string, Delivery> _begun = [];

    /// <summary>A session of an address.</summary>
    public CallerSession(AgentAddress address, Router router, FillRandom random, DateTimeOffset since)
    {
        (_router, _random) = (router, random);
        var ticket = new SessionTicket("s_" + EnvelopeId.Make(random).Value, address, SessionRole.Caller, 0, false, default, "parley");
        _session = new Session(ticket, this, new FrameOutbox(this, CancellationToken.None), (_, _) => { }, since);
        _session.Open();
    }

    /// <inheritdoc/>
    public string Name => "hub";

    /// <inheritdoc/>
    public PipeReader Input => throw new NotSupportedException("The hub's own session has nothing to read from.");

    /// <summary>How many calls are open.</summary>
    public int Count => _calls.Count;

    /// <summary>Sends a message. A refusal is the call's last event.</summary>
    public AgentCall Start(AgentCallRequest request)
    {
        var envelope = new Envelope
        {
            Id = request.Id,
            To = request.Target.ToString(),
            Kind = EnvelopeKind.Request,
            Type = request.Type,
            Thread = request.Thread,
            OnlineOnly = request.OnlineOnly,
            WantsReply = true,
            Resend = request.MayBeRepeated,
            Hops = (uint)request.Hops,
            TtlMs = (ulong)(request.TimeToLive?.TotalMilliseconds ?? 0),
            Body = request.Body.ToByteString(),
        };
        var call = Open(request.Id, envelope.To);
        Submit(envelope);
        if (request.MayBeRepeated)
        {
            // The reply may be in the mailbox already.
            _router.Await(_session, [request.Id]);
        }

        return call;
    }

    /// <summary>Follows calls that were made before a restart, in a few steps instead of one each.</summary>
    public IReadOnlyList<AgentCall> Resume(IReadOnlyList<(string Id, string Target)> known)
    {
        var calls = known.Select(one => Open(one.Id, one.Target)).ToList();
        _router.Await(_session, [.. known.Select(one => one.Id)]);
        return calls;
    }

    /// <summary>A delivery is done with.</summary>
    public void Acknowledge(ulong number)
    {
        var batch = new Batch();
        _router.Acknowledge(_session, [number], batch);
        batch.Flush();
    }

    /// <summary>Asks the agent to stop.</summary>
    public void Cancel(AgentCall call) => Submit(
        new Envelope { Id = EnvelopeId.Make(_random).Value, To = call.Target, Kind = EnvelopeKind.Cancel, Correlation = call.Id });

    /// <summary>Nobody follows a call any more.</summary>
    public void Forget(AgentCall call) => _calls.TryRemove(new KeyValuePair<string, AgentCall>(call.Id, call));

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        while (frames.Length >= FrameCodec.PrefixBytes)
        {
            var size = FrameCodec.PrefixBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(frames.Span[1..]);
            TakeOne(new ReadOnlySequence<byte>(frames[..size]));
            frames = frames[size..];
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Abort()
    {
        // Nothing carries it that could be cut.
    }

    private AgentCall Open(string id, string target)
    {
        var call = new AgentCall(this, id, target);
        _calls[id] = call;
        return call;
    }

    private void Submit(Envelope envelope)
    {
        var batch = new Batch();
        _router.Submit(_session, envelope, batch);
        batch.Flush();
    }

    /// <summary>One frame that cannot be read is one answer that does not come; the other callers of the address get theirs.</summary>
    private void TakeOne(ReadOnlySequence<byte> buffer)
    {
        try
        {
            if (FrameCodec.TryRead(ref buffer, out var frame))
            {
                Take(frame);
            }
        }
        catch (ParleyException)
        {
            // Its sender broke a rule of the link that nobody found before.
        }
    }

    private void Take(Frame frame)
    {
        switch (frame.BodyCase)
        {
            case Frame.BodyOneofCase.Delivery when frame.Delivery.Envelope.BodySize > 0:
                _assembly.Begin(frame.Delivery.Envelope, long.MaxValue);
                _begun[KeyOf(frame.Delivery.Envelope)] = frame.Delivery;
                break;
            case Frame.BodyOneofCase.Delivery:
                TakeDelivery(frame.Delivery, frame.Delivery.Envelope);
                break;
            case Frame.BodyOneofCase.Chunk:
                if (_assembly.Add(frame.Chunk) is { } whole && _begun.Remove(KeyOf(whole), out var delivery))
                {
                    TakeDelivery(delivery, whole);
                }

                break;
            case Frame.BodyOneofCase.Receipts:
                foreach (var receipt in frame.Receipts.Items)
                {
                    Find(receipt.Id)?.Take(receipt);
                }

                break;
            default:
                // A hub has no other news for itself.
                break;
        }
    }

    private static string KeyOf(Envelope envelope) => envelope.From + "/" + envelope.Id;

    private AgentCall? Find(string id) => _calls.TryGetValue(id, out var call) ? call : null;

    private void TakeDelivery(Delivery delivery, Envelope envelope)
    {
        var call = Find(envelope.Correlation);
        if (envelope.Kind == EnvelopeKind.Part)
        {
            if (call is not null && Read(Part.Parser, envelope.Body) is { } part)
            {
                call.Take(part);
            }

            return;
        }

        if (delivery.RequestDeliveredMs > 0)
        {
            call?.Take(new Receipt { Id = envelope.Correlation, State = ReceiptState.Delivered });
        }

        // A reply that nobody follows any more would only stay in the mailbox until it expires.
        if (call is null || !call.Take(Read(Reply.Parser, envelope.Body) ?? _unreadable, delivery.Number))
        {
            Acknowledge(delivery.Number);
        }
    }

    private static T? Read<T>(MessageParser<T> parser, ByteString bytes)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
