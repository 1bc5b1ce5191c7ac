namespace Parley.Client.Calls;

/// <summary>Has what one page says arrive at the other once and in order, over notes of which some may be lost. Pure; one caller at a time.</summary>
/// <remarks>Everything is numbered from 1 and said again until it is acknowledged; who hears says up to which number it has everything. What comes too early is dropped: it is said again.</remarks>
internal sealed class CallLane
{
    /// <summary>What may wait for its acknowledgement.</summary>
    public const int MaxHeld = 512;

    private readonly LinkedList<(long Number, string Content)> _held = new();
    private long _said;

    /// <summary>Up to which number the other end's words are here.</summary>
    public long Heard { get; private set; }

    /// <summary>Says something.</summary>
    /// <returns>Its number; 0 when too much waits, which a page that behaves never reaches.</returns>
    public long Say(string content)
    {
        if (_held.Count >= MaxHeld)
        {
            return 0;
        }

        _held.AddLast((++_said, content));
        return _said;
    }

    /// <summary>What is not acknowledged, the oldest first.</summary>
    /// <param name="count">How many of it at most.</param>
    public IReadOnlyList<(long Number, string Content)> Waiting(int count) => [.. _held.Take(count)];

    /// <summary>The other end has everything up to a number.</summary>
    public void Acknowledge(long number)
    {
        while (_held.First is { } first && first.Value.Number <= number)
        {
            _held.RemoveFirst();
        }
    }

    /// <summary>Something came.</summary>
    /// <returns>Whether it is the next one.</returns>
    public bool Take(long number)
    {
        if (number != Heard + 1)
        {
            return false;
        }

        Heard = number;
        return true;
    }
}
