namespace Parley.Gateway.ProtoJson;

/// <summary>What a reader of a stranger's JSON accepts at most.</summary>
/// <param name="MaxBytes">Largest text, in bytes of UTF-8.</param>
/// <param name="MaxDepth">Deepest nesting of arrays and objects. 32 at most makes sense: one level of free JSON is three levels of protobuf, whose readers stop at 100.</param>
public readonly record struct JsonLimits(int MaxBytes, int MaxDepth)
{
    /// <summary>16 MiB, the largest message of the hub's doors, and 32 levels.</summary>
    public static JsonLimits Default => new(16 * 1024 * 1024, 32);
}
