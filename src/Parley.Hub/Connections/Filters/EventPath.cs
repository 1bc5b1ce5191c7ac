using System.Text.Json;

namespace Parley.Hub.Connections.Filters;

/// <summary>Where in an event's data a condition looks: names with dots between them. An array on the way stands for all its elements.</summary>
/// <param name="Text">The path as written, <c>order.items.sku</c>.</param>
internal sealed record EventPath(string Text)
{
    private readonly string[] _steps = Text.Split('.');

    /// <summary>Finds what stands there.</summary>
    /// <param name="data">The event's data.</param>
    /// <param name="values">Filled with what was found; an array at the end gives its elements.</param>
    /// <returns>False when there is no such path, which is not the same as null standing there.</returns>
    public bool Resolve(JsonElement data, List<JsonElement> values) => Walk(data, 0, values);

    private bool Walk(JsonElement here, int step, List<JsonElement> values)
    {
        if (here.ValueKind == JsonValueKind.Array)
        {
            var isThere = step == _steps.Length;
            foreach (var element in here.EnumerateArray())
            {
                isThere |= element.ValueKind == JsonValueKind.Array ? step == _steps.Length : Walk(element, step, values);
            }

            return isThere;
        }

        if (step == _steps.Length)
        {
            values.Add(here);
            return true;
        }

        return here.ValueKind == JsonValueKind.Object && here.TryGetProperty(_steps[step], out var next) && Walk(next, step + 1, values);
    }
}
