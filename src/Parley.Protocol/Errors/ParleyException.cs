namespace Parley.Protocol.Errors;

/// <summary>A refusal with a code. The message is safe to show to the peer; details belong in the log of the side that refuses.</summary>
public sealed class ParleyException : Exception
{
    /// <summary>Refuses with a code and a sentence that says what was wrong.</summary>
    /// <param name="code">What kind of refusal.</param>
    /// <param name="message">One sentence without secrets or content, fit for the caller's screen.</param>
    /// <param name="innerException">The cause, for our own log.</param>
    public ParleyException(ErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What kind of refusal it is.</summary>
    public ErrorCode Code { get; }

    /// <summary>How the code looks on each door.</summary>
    public ErrorRow Row => ErrorMap.Of(Code);

    /// <summary>When to try again, for refusals that pass by themselves.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The member of the request that is wrong, by its path, where one is; never content.</summary>
    public string? Field { get; init; }
}
