using System.Text;
using System.Threading.Channels;
using Google.Protobuf;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Part = Parley.Protocol.Wire.Part;

namespace Parley.Hub.AgentApi.Calls;

/// <summary>One message on its way to an agent, and what comes back. Written to by the hub's router, read by one reader.</summary>
/// <remarks>
/// Disposing it without an acknowledgement leaves the reply to <see cref="AgentCaller.Resume"/> after a restart, so that is for the hub's end alone: the session, which lives on,
/// has room for so many replies that nobody acknowledged. Everybody else ends with <see cref="Abandon"/>.
/// Memory: what the reader has not taken, at most the listener's cap for one answer.
/// </remarks>
internal sealed class AgentCall : IDisposable
{
    private readonly Channel<AgentCallEvent> _events = Channel.CreateUnbounded<AgentCallEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private readonly Decoder _decoder = new UTF8Encoding(false, false).GetDecoder();
    private readonly CallerSession _session;
    private ulong _shown;
    private bool _isEnded;
    private ulong _replyNumber;

    /// <summary>A call of a session.</summary>
    internal AgentCall(CallerSession session, string id, string target) => (_session, Id, Target) = (session, id, target);

    /// <summary>The envelope's id.</summary>
    public string Id { get; }

    /// <summary>The agent's address, as it was when the call was made.</summary>
    public string Target { get; }

    /// <summary>What became of it. Completes after the last event.</summary>
    public ChannelReader<AgentCallEvent> Events => _events.Reader;

    /// <summary>Waits for the next event.</summary>
    /// <param name="silence">How long nothing may come.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when nothing came for so long, or will come. The agent's machine may be gone for good, or the hub was restored from before the answer.</returns>
    public async ValueTask<bool> IsHeardAsync(TimeSpan silence, TimeProvider time, CancellationToken cancellationToken)
    {
        var waiting = Events.WaitToReadAsync(cancellationToken);
        if (waiting.IsCompleted)
        {
            return await waiting;
        }

        try
        {
            return await waiting.AsTask().WaitAsync(silence, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The reply is where it has to be: the mailbox may forget it, and the agent's journal too.</summary>
    public void Acknowledge()
    {
        ulong number;
        lock (_gate)
        {
            (number, _replyNumber) = (_replyNumber, 0);
        }

        if (number > 0)
        {
            _session.Acknowledge(number);
        }
    }

    /// <summary>The call is over: the reply is where it has to be, or nobody wants it. Whenever it comes, mailbox and journal may forget it.</summary>
    /// <remarks>One step for <see cref="Acknowledge"/> and <see cref="Dispose"/>: a reply that came between or after the two would stay in the mailbox for ever.</remarks>
    public void Abandon()
    {
        lock (_gate)
        {
            _isEnded = true;
        }

        Acknowledge();
        Dispose();
    }

    /// <summary>Asks the agent to stop. Its reply says what came of that.</summary>
    public void Cancel() => _session.Cancel(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Forget(this);
        _events.Writer.TryComplete();
    }

    /// <summary>A receipt of the envelope.</summary>
    internal void Take(Receipt receipt)
    {
        lock (_gate)
        {
            switch (receipt.State)
            {
                case ReceiptState.Held:
                    Tell(new AgentCallEvent.Held(receipt.Code == ErrorMap.Of(ErrorCode.ContactPending).WireName));
                    break;
                case ReceiptState.Delivered:
                    Tell(new AgentCallEvent.Delivered());
                    break;
                case ReceiptState.Read:
                    Tell(new AgentCallEvent.Read(receipt.Message.Length > 0));
                    break;
                case ReceiptState.Unspecified:
                    Tell(new AgentCallEvent.Working());
                    break;
                case ReceiptState.Refused or ReceiptState.Expired or ReceiptState.Failed or ReceiptState.Unknown:
                    End(new AgentCallEvent.Ended(receipt.State, receipt.Code, receipt.Message));
                    break;
                default:
                    // Accepted says nothing that the caller does not know; answered comes with the reply.
                    break;
            }
        }
    }

    /// <summary>Output as it is produced.</summary>
    internal void Take(Part part)
    {
        lock (_gate)
        {
            switch (part.Stream)
            {
                case PartStream.Content when part.Offset == _shown:
                    _shown += (ulong)part.Data.Length;
                    Show(part.Data.Span, isLast: false);
                    break;
                case PartStream.Status:
                    Tell(new AgentCallEvent.Note(part.Data.ToStringUtf8()));
                    break;
                case PartStream.Event when Read(part.Data) is { } response:
                    Tell(new AgentCallEvent.Update(response));
                    break;
                default:
                    // After a gap the rest comes with the reply. Standard error is for the listener's owner.
                    break;
            }
        }
    }

    /// <summary>The reply, and the number under which its delivery is acknowledged.</summary>
    /// <returns>False when the call has ended: the delivery is somebody else's to acknowledge.</returns>
    internal bool Take(Reply reply, ulong number)
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return false;
            }

            _replyNumber = number;
            Show(reply.Content.Span[(int)Math.Min((ulong)reply.Content.Length, _shown)..], isLast: true);
            End(new AgentCallEvent.Replied(reply));
            return true;
        }
    }

    private void Show(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var characters = new char[_decoder.GetCharCount(bytes, isLast)];
        var count = _decoder.GetChars(bytes, characters, isLast);
        if (count > 0)
        {
            Tell(new AgentCallEvent.Delta(new string(characters, 0, count), isLast));
        }
    }

    private static StreamResponse? Read(ByteString bytes)
    {
        try
        {
            return StreamResponse.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private void End(AgentCallEvent last)
    {
        Tell(last);
        _isEnded = true;
        _events.Writer.TryComplete();
    }

    private void Tell(AgentCallEvent callEvent)
    {
        if (!_isEnded)
        {
            _events.Writer.TryWrite(callEvent);
        }
    }
}
