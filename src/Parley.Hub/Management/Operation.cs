using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Hub.Connections;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;

namespace Parley.Hub.Management;

/// <summary>Something that a caller may ask of the hub, through <c>/api</c> or through the link: a name, who may, and JSON in and out.</summary>
/// <param name="Name">For example <c>agents.list</c>.</param>
/// <param name="Role">Who may at least.</param>
/// <param name="Scopes">What the caller's credential must be good for.</param>
/// <param name="RunAsync">Does it.</param>
internal sealed record Operation(string Name, Role Role, ApiScopes Scopes, Func<OperationCall, ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> RunAsync)
{
    /// <summary>What it takes, for the description of the interface.</summary>
    public required JsonTypeInfo Arguments { get; init; }

    /// <summary>What it gives.</summary>
    public required JsonTypeInfo Result { get; init; }

    /// <summary>An operation over typed arguments and a typed result.</summary>
    public static Operation Of<TArguments, TResult>(
        string name,
        Role role,
        ApiScopes scopes,
        JsonTypeInfo<TArguments> argumentsType,
        JsonTypeInfo<TResult> resultType,
        Func<OperationCall, TArguments, CancellationToken, Task<TResult>> run) =>
        new(name, role, scopes, async (call, json, cancellationToken) =>
        {
            var result = await run(call, Read(json, argumentsType), cancellationToken);
            return JsonSerializer.SerializeToUtf8Bytes(result, resultType);
        })
        {
            Arguments = argumentsType,
            Result = resultType,
        };

    private static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json.IsEmpty ? "{}"u8 : json.Span, type)
                ?? throw new ParleyException(ErrorCode.InvalidArgument, "The arguments are a JSON object.");
        }
        catch (JsonException exception)
        {
            if (StrictJson.Explain(json, "The call's JSON") is { } why)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, why, exception);
            }

            // The path names a member of ours; the exception's own text may quote the input.
            var where = string.IsNullOrEmpty(exception.Path) || exception.Path == "$" || exception.Path.Length > 64 ? string.Empty : $" at {exception.Path}";
            throw new ParleyException(ErrorCode.InvalidArgument, $"The arguments are not the JSON that this takes{where}.", exception);
        }
    }
}

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
