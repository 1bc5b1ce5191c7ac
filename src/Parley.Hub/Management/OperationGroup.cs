using System.Text.Json.Serialization.Metadata;
using Parley.Hub.Identity;

namespace Parley.Hub.Management;

/// <summary>Operations on one kind of thing, which the same callers may use.</summary>
/// <param name="Name">What their names begin with: <c>secrets</c>.</param>
/// <param name="Role">Who may at least.</param>
/// <param name="Scopes">What the caller's credential must be good for.</param>
internal sealed record OperationGroup(string Name, Role Role, ApiScopes Scopes)
{
    /// <summary>One of them.</summary>
    public Operation Of<TArguments, TResult>(
        string verb, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<TResult> resultType, Func<OperationCall, TArguments, CancellationToken, Task<TResult>> run) =>
        Operation.Of($"{Name}.{verb}", Role, Scopes, argumentsType, resultType, run);
}
