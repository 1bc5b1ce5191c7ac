using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

/// <summary>When an envelope reached which state, each once. The two that most reach stand in the value itself; what is rarer, or has a reason, costs an object.</summary>
internal struct ReceiptTimeline
{
    private long _firstMs;
    private int _secondAfterMs;
    private byte _first;
    private byte _second;
    private List<ReceiptEvent>? _more;

    /// <summary>Whether nothing was noted.</summary>
    public readonly bool IsEmpty => _first == 0 && _more is null;

    /// <summary>Notes an event; false when that state was reached before.</summary>
    public bool Note(in ReceiptEvent receipt)
    {
        var state = (byte)receipt.State;
        if (Has(state))
        {
            return false;
        }

        var isPlain = state != 0 && receipt.Code.Length == 0 && receipt.Message.Length == 0 && _more is null;
        if (isPlain && _first == 0)
        {
            (_first, _firstMs) = (state, receipt.AtMs);
        }
        else if (isPlain && _second == 0 && receipt.AtMs - _firstMs is >= 0 and <= int.MaxValue)
        {
            (_second, _secondAfterMs) = (state, (int)(receipt.AtMs - _firstMs));
        }
        else
        {
            (_more ??= new List<ReceiptEvent>(1)).Add(receipt);
        }

        return true;
    }

    /// <summary>The events so far, oldest first.</summary>
    public readonly IReadOnlyList<ReceiptEvent> ToList()
    {
        var events = new List<ReceiptEvent>(4);
        if (_first != 0)
        {
            events.Add(new ReceiptEvent((ReceiptState)_first, _firstMs));
        }

        if (_second != 0)
        {
            events.Add(new ReceiptEvent((ReceiptState)_second, _firstMs + _secondAfterMs));
        }

        events.AddRange(_more ?? []);
        return events;
    }

    private readonly bool Has(byte state)
    {
        if (state != 0 && (_first == state || _second == state))
        {
            return true;
        }

        foreach (var earlier in _more ?? [])
        {
            if ((byte)earlier.State == state)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>One thing that became of an envelope.</summary>
/// <param name="State">What.</param>
/// <param name="AtMs">When, Unix milliseconds of the hub.</param>
/// <param name="Code">An error code's wire name for refusals and failures, else empty.</param>
/// <param name="Message">A sentence for people, else empty.</param>
internal readonly record struct ReceiptEvent(ReceiptState State, long AtMs, string Code = "", string Message = "");
