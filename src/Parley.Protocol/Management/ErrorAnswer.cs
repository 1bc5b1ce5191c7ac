namespace Parley.Protocol.Management;

/// <summary>The shape of every refusal on <c>/api</c>.</summary>
/// <param name="Error">The refusal.</param>
public sealed record ErrorAnswer(ErrorBody Error);

/// <summary>A refusal.</summary>
/// <param name="Code">The code's wire name, for example <c>agent.unknown</c>.</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="Details">What helps further.</param>
public sealed record ErrorBody(string Code, string Message, ErrorDetails? Details = null);

/// <summary>What helps further.</summary>
/// <param name="Fixer">Who can put it right.</param>
/// <param name="RetryAfterSeconds">When to try again, for refusals that pass by themselves.</param>
/// <param name="Field">The member of the arguments that it is about.</param>
public sealed record ErrorDetails(string? Fixer, int? RetryAfterSeconds = null, string? Field = null);
