using System.Runtime.InteropServices;
using Parley.Hub.Sessions;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

/// <summary>The frames that one read brought about, for several sessions: each link is written to once, at the end.</summary>
/// <remarks>Used by one thread at a time. Coalescing writes is what makes a busy hub fast.</remarks>
internal sealed class Batch
{
    /// <summary>Most bytes of receipts in one frame; half of what a frame may have.</summary>
    private const int MaxReceiptBytes = MessagingLimits.MaxFrameBytes / 2;

    /// <summary>What a receipt has beside its texts, at most: tags, lengths, state and time.</summary>
    private const int LineBytes = 40;

    private const int MaxBytesPerCharacter = 3;

    private readonly HashSet<FrameOutbox> _touched = [];
    private readonly List<(Session? Session, ReceiptLine Line)> _receipts = [];

    /// <summary>The desks that this link used last.</summary>
    public RecentDesks Desks { get; } = new();

    /// <summary>The place that the next receipt will have, from 1.</summary>
    public int NextReceipt => _receipts.Count + 1;

    /// <summary>Appends a frame for a session.</summary>
    public void Append(Session session, Frame frame)
    {
        session.Outbox.Append(frame);
        _touched.Add(session.Outbox);
    }

    /// <summary>Appends a delivery, in chunks when it is large.</summary>
    /// <param name="session">Who gets it.</param>
    /// <param name="number">Its number, 0 for one that is not acknowledged.</param>
    /// <param name="envelope">What is delivered.</param>
    /// <param name="note">What is said beside it.</param>
    public void AppendDelivery(Session session, ulong number, Envelope envelope, DeliveryNote note)
    {
        EnvelopeFrames.AppendDelivery(session.Outbox, number, envelope, note);
        _touched.Add(session.Outbox);
    }

    /// <summary>Adds a receipt; those of one session that follow one another go in one frame.</summary>
    public void AddReceipt(Session session, string id, string to, in ReceiptEvent receipt) =>
        _receipts.Add((session, new ReceiptLine(id, to, receipt.State, receipt.AtMs, receipt.Code, receipt.Message)));

    /// <summary>Takes back the receipt that a request was delivered, since its reply goes to the same session with this batch and says so itself.</summary>
    /// <param name="place">Where the receipt may stand; one that another batch has or had is not found.</param>
    /// <param name="session">Whom it was for.</param>
    /// <param name="id">The request's id.</param>
    /// <returns>The time that it told, 0 when there is no such receipt.</returns>
    public long TakeBackDelivered(int place, Session session, string id)
    {
        if (place < 1 || place > _receipts.Count)
        {
            return 0;
        }

        ref var entry = ref CollectionsMarshal.AsSpan(_receipts)[place - 1];
        if (entry.Session != session || entry.Line.State != ReceiptState.Delivered || entry.Line.Id != id)
        {
            return 0;
        }

        entry.Session = null;
        return entry.Line.AtMs;
    }

    /// <summary>Starts the writes; does not wait for them. The batch is empty afterwards.</summary>
    public void Flush()
    {
        if (_receipts.Count > 0)
        {
            AppendReceipts();
        }

        foreach (var outbox in _touched)
        {
            outbox.Flush();
        }

        _touched.Clear();
    }

    private void AppendReceipts()
    {
        var lines = new List<ReceiptLine>();
        for (var index = 0; index < _receipts.Count;)
        {
            var session = _receipts[index].Session;
            lines.Clear();
            for (var size = 0; index < _receipts.Count && _receipts[index].Session == session; index++)
            {
                ref readonly var line = ref CollectionsMarshal.AsSpan(_receipts)[index].Line;
                size += LineBytes + (MaxBytesPerCharacter * (line.Id.Length + line.To.Length + line.Code.Length + line.Message.Length));
                if (size > MaxReceiptBytes && lines.Count > 0)
                {
                    break;
                }

                lines.Add(line);
            }

            if (session is not null)
            {
                session.Outbox.AppendReceipts(CollectionsMarshal.AsSpan(lines));
                _touched.Add(session.Outbox);
            }
        }

        _receipts.Clear();
    }
}
