using System.Text;

namespace Parley.Hub.Rooms;

/// <summary>What the detector says about one message.</summary>
internal enum LoopVerdict
{
    /// <summary>Deliver it.</summary>
    Fine,

    /// <summary>A loop: drop it and pause the room.</summary>
    Pause,

    /// <summary>The second loop in a short time: drop it and end the room.</summary>
    Sever,
}

/// <summary>Finds two agents, or one, that only repeat courtesies. Pure; one per room.</summary>
/// <remarks>
/// Two rules over short messages, which have under 60 UTF-16 units without their marker:
/// a <b>burst</b>, 8 short messages of one side while the other says nothing;
/// an <b>echo</b>, 6 rounds running in which each side repeats its own last text (case, spacing and final punctuation aside).
/// Anything different that either side says ends an echo, so an exchange of different short messages is never touched.
/// </remarks>
internal sealed class LoopDetector
{
    /// <summary>Messages of fewer UTF-16 units are short.</summary>
    public const int ShortUnits = 60;

    /// <summary>Short messages of one side alone that make a burst.</summary>
    public const int BurstLength = 8;

    /// <summary>Repetitions by each side that make an echo.</summary>
    public const int EchoRounds = 6;

    /// <summary>A second loop within this time ends the room: 5 minutes.</summary>
    public static readonly TimeSpan SeverWithin = TimeSpan.FromMinutes(5);

    private readonly Side _host = new();
    private readonly Side _joiner = new();
    private TimeSpan? _lastLoop;

    /// <summary>Judges a message that an agent wants to send.</summary>
    /// <param name="from">Whose it is.</param>
    /// <param name="text">Its text without the marker.</param>
    /// <param name="now">The time.</param>
    public LoopVerdict Note(SeatRole from, string text, TimeSpan now)
    {
        var (own, other) = from == SeatRole.Host ? (_host, _joiner) : (_joiner, _host);
        var isShort = text.Length < ShortUnits;
        own.Burst = isShort ? own.Burst + 1 : 0;
        other.Burst = 0;
        NoteEcho(own, other, isShort ? Normalise(text) : null);
        if (own.Burst < BurstLength && Math.Min(own.Repeats, other.Repeats) < EchoRounds)
        {
            return LoopVerdict.Fine;
        }

        var isAgain = _lastLoop is { } last && now - last <= SeverWithin;
        Reset();
        _lastLoop = now;
        return isAgain ? LoopVerdict.Sever : LoopVerdict.Pause;
    }

    /// <summary>A person spoke: what went before is no loop any more.</summary>
    public void Reset()
    {
        _host.Clear();
        _joiner.Clear();
    }

    private static void NoteEcho(Side own, Side other, string? text)
    {
        var isSame = text is not null && text == own.Last;
        own.Repeats = isSame ? own.Repeats + 1 : 0;
        if (!isSame)
        {
            other.Repeats = 0;
        }

        own.Last = text;
    }

    private static string Normalise(string text)
    {
        var trimmed = text.Trim();
        var bare = trimmed.TrimEnd('.', '!', '?', ',', ';', ':', '…', ' ');
        var result = new StringBuilder(bare.Length);

        // What is nothing but punctuation says something by it.
        foreach (var character in bare.Length > 0 ? bare : trimmed)
        {
            if (!char.IsWhiteSpace(character))
            {
                result.Append(char.ToLowerInvariant(character));
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }

        return result.ToString();
    }

    private sealed class Side
    {
        public int Burst { get; set; }

        public int Repeats { get; set; }

        public string? Last { get; set; }

        public void Clear() => (Burst, Repeats, Last) = (0, 0, null);
    }
}
