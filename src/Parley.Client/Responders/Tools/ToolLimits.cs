namespace Parley.Client.Responders.Tools;

/// <summary>How far a model may go with its tools for one message.</summary>
public sealed record ToolLimits
{
    /// <summary>Default of <see cref="MaxTime"/>: 30 s.</summary>
    public static readonly TimeSpan DefaultTime = TimeSpan.FromSeconds(30);

    /// <summary>Default of <see cref="MaxSteps"/>.</summary>
    public const int DefaultSteps = 8;

    /// <summary>Times that the model is asked; in the last one it must answer.</summary>
    /// <value>1 to 100, default 8.</value>
    public int MaxSteps { get; init; } = DefaultSteps;

    /// <summary>Longest call of a tool.</summary>
    public TimeSpan MaxTime { get; init; } = DefaultTime;

    /// <summary>Tokens after which no further step begins; null for no limit.</summary>
    public long? TokenBudget { get; init; }

    /// <summary>Most characters of one result; the rest is cut, with a mark.</summary>
    /// <value>64 Ki.</value>
    public int MaxResultCharacters { get; init; } = 64 * 1024;

    /// <summary>Most calls in one step; further ones are refused.</summary>
    /// <value>16.</value>
    public int MaxCallsPerStep { get; init; } = 16;
}
