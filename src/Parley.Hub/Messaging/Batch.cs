using Parley.Hub.Sessions;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

/// <summary>The frames that one read brought about, for several sessions: each link is written to once, at the end.</summary>
/// <remarks>Used by one thread at a time. Coalescing writes is what makes a busy hub fast.</remarks>
internal sealed class Batch
{
    private readonly HashSet<FrameOutbox> _touched = [];
    private Dictionary<Session, Receipts>? _receipts;

    /// <summary>Appends a frame for a session.</summary>
    public void Append(Session session, Frame frame)
    {
        session.Outbox.Append(frame);
        _touched.Add(session.Outbox);
    }

    /// <summary>Appends a delivery, in chunks when it is large.</summary>
    public void AppendDelivery(Session session, ulong number, Envelope envelope, bool isRedelivered)
    {
        EnvelopeFrames.AppendDelivery(session.Outbox, number, envelope, isRedelivered);
        _touched.Add(session.Outbox);
    }

    /// <summary>Adds a receipt; all of one session go in one frame.</summary>
    public void AddReceipt(Session session, Receipt receipt)
    {
        _receipts ??= [];
        if (!_receipts.TryGetValue(session, out var receipts))
        {
            _receipts.Add(session, receipts = new Receipts());
        }

        receipts.Items.Add(receipt);
    }

    /// <summary>Starts the writes; does not wait for them. The batch is empty afterwards.</summary>
    public void Flush()
    {
        if (_receipts is { Count: > 0 })
        {
            foreach (var (session, receipts) in _receipts)
            {
                Append(session, new Frame { Receipts = receipts });
            }

            _receipts.Clear();
        }

        foreach (var outbox in _touched)
        {
            outbox.Flush();
        }

        _touched.Clear();
    }
}
