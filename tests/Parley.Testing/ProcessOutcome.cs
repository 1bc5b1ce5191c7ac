namespace Parley.Testing;

/// <summary>What a finished process left.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record ProcessOutcome(int ExitCode, string Output, string Error);
