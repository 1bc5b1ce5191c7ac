using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Messaging;

namespace Parley.Cli.Bench;

/// <summary>What a load is: so many pairs of agents, each with so many requests under way.</summary>
/// <param name="Kind"><c>rtt</c> or <c>throughput</c>.</param>
/// <param name="Pairs">Pairs.</param>
/// <param name="Window">Requests of a pair under way together.</param>
/// <param name="Size">Bytes of a request and of its reply.</param>
/// <param name="Length">The measured time; a fifth of it, at least a second, is warmed up first.</param>
internal sealed record BenchPlan(string Kind, int Pairs, int Window, int Size, TimeSpan Length)
{
    /// <summary>Time before anything counts.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(Math.Max(1, Length.TotalSeconds / 5));

    /// <summary>The plan of options; null where none was given.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static BenchPlan Of(string kind, int? pairs, int? window, string? size, int? seconds)
    {
        var isThroughput = kind == "throughput";
        var bytes = SizeText.Parse(size ?? "128");
        return new BenchPlan(
            kind,
            Within(pairs ?? (isThroughput ? 50 : 1), 1, 5000, "--pairs"),
            Within(window ?? (isThroughput ? 16 : 1), 1, 1000, "--window"),
            bytes is >= 0 and <= MessagingLimits.ChunkBytes / 2
                ? (int)bytes
                : throw new ParleyException(ErrorCode.InvalidArgument, $"--size is 0 to {SizeText.Format(MessagingLimits.ChunkBytes / 2)}."),
            TimeSpan.FromSeconds(Within(seconds ?? 10, 1, 3600, "--seconds")));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Pairs} {(Pairs == 1 ? "pair" : "pairs")}, window {Window}, {Size} B, {Length.TotalSeconds:0} s";

    private static int Within(int value, int min, int max, string option) =>
        value >= min && value <= max ? value : throw new ParleyException(ErrorCode.InvalidArgument, $"{option} is {min} to {max}.");
}
