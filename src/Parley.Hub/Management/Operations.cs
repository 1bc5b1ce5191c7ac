using System.Collections.Frozen;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Sqlite;

namespace Parley.Hub.Management;

/// <summary>The one table of operations, for every door: checks the caller's role and scopes, runs, and writes the audit.</summary>
internal sealed class Operations
{
    private readonly FrozenDictionary<string, Operation> _byName;
    private readonly DoneActs _acts;

    /// <summary>The table of a hub.</summary>
    public Operations(IEnumerable<IOperationModule> modules, DoneActs acts)
    {
        _byName = modules.SelectMany(module => module.Operations).ToFrozenDictionary(operation => operation.Name);
        _acts = acts;
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Operation> All => _byName.Values;

    /// <summary>The operation of this name, for a door that maps it to a route.</summary>
    public Operation this[string name] => _byName[name];

    /// <summary>Runs an operation.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="name">Which operation.</param>
    /// <param name="arguments">JSON object, or nothing.</param>
    /// <param name="source">From where, for the audit.</param>
    /// <param name="cancellationToken">Withdraws the call.</param>
    /// <returns>JSON: <c>{"data":...}</c>, with <c>meta</c> for a list.</returns>
    /// <exception cref="ParleyException">Every refusal.</exception>
    public async Task<byte[]> InvokeAsync(
        Principal caller, string name, ReadOnlyMemory<byte> arguments, string source, CancellationToken cancellationToken = default)
    {
        if (!_byName.TryGetValue(name, out var operation))
        {
            throw new ParleyException(ErrorCode.Unsupported, "This hub knows no such operation.");
        }

        Require(caller, operation.Role, operation.Scopes);
        var call = new OperationCall(caller, source);
        try
        {
            var result = await operation.RunAsync(call, arguments, cancellationToken);
            if (call.AuditTarget is { } target)
            {
                await _acts.RememberAsync(caller.Actor, name, target, call.AuditDetail, source);
            }

            return result;
        }
        catch (StoreUnavailableException exception)
        {
            throw new ParleyException(ErrorCode.Unavailable, exception.Message, exception);
        }
    }

    /// <summary>Refuses a caller without the role or the scopes.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unauthenticated"/>, <see cref="ErrorCode.PermissionDenied"/>.</exception>
    public static void Require(Principal caller, Role role, ApiScopes scopes)
    {
        if (caller.Role == Role.Guest && role != Role.Guest)
        {
            throw new ParleyException(ErrorCode.Unauthenticated, "This needs a valid key.");
        }

        if (caller.Role < role || (caller.Role != Role.Admin && !caller.Scopes.HasFlag(scopes)))
        {
            throw new ParleyException(ErrorCode.PermissionDenied, "The key does not allow this.");
        }
    }
}

/// <summary>A group of operations on one kind of thing.</summary>
internal interface IOperationModule
{
    /// <summary>The operations.</summary>
    IEnumerable<Operation> Operations { get; }
}
