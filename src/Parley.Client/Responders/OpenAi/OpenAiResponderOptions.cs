namespace Parley.Client.Responders.OpenAi;

/// <summary>Which model answers, and what it is told.</summary>
/// <param name="BaseUrl">The API's base, for example <c>http://127.0.0.1:11434/v1</c>; <c>/chat/completions</c> is added unless it is there.</param>
/// <param name="Model">Model name as the server knows it.</param>
public sealed record OpenAiResponderOptions(Uri BaseUrl, string Model)
{
    /// <summary>Largest picture unless told otherwise, in bytes: 8 MiB.</summary>
    public const long DefaultImageBytes = 8 * 1024 * 1024;

    /// <summary>The key, from <c>OPENAI_API_KEY</c> or a file; null: none is sent.</summary>
    public string? ApiKey { get; init; }

    /// <summary>What the model should be and do; stands after Parley's own rules about other agents' messages.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>What is remembered of each thread.</summary>
    public HistoryLimits History { get; init; } = new();

    /// <summary>Largest picture that the model is shown; 0 shows none, and no addresses of pictures either.</summary>
    /// <value>0 to 16 MiB; 8 MiB.</value>
    public long MaxImageBytes { get; init; } = DefaultImageBytes;

    /// <summary>Address and model alone: the key stays out of logs.</summary>
    public override string ToString() => $"OpenAiResponderOptions({BaseUrl.GetLeftPart(UriPartial.Path)}, {Model})";
}

/// <summary>How much of a conversation a responder keeps in memory.</summary>
/// <param name="MaxTurns">Turns of a thread, questions and answers counted singly; default 40.</param>
/// <param name="MaxBytes">Characters of a thread; default 64 Ki.</param>
/// <param name="MaxThreads">Threads; beyond it the one idle for longest is forgotten; default 1000.</param>
public sealed record HistoryLimits(int MaxTurns = 40, int MaxBytes = 64 * 1024, int MaxThreads = 1000)
{
    /// <summary>A thread that was silent for this long is forgotten; default one hour.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromHours(1);
}
