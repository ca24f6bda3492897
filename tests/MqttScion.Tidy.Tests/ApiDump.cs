using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MqttScion.Tidy.Tests;

/// <summary>Writes the public members of an assembly as C#-like lines: one a member, in a stable order.</summary>
internal static class ApiDump
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] RecordMembers = ["EqualityContract", "PrintMembers"];

    private static readonly NullabilityInfoContext Nullability = new();

    public static IEnumerable<string> Of(Assembly assembly) =>
        from type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal)
        from line in Members(type).Prepend(Declaration(type))
        select line;

    private static IEnumerable<string> Members(Type type) =>
        from member in typeof(Delegate).IsAssignableFrom(type) ? [] : type.GetMembers(Declared)
        where !member.Name.Contains('<', StringComparison.Ordinal) && !RecordMembers.Contains(member.Name)
            && !member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        let line = Line(member)
        where line.Length > 0
        orderby member.Name, line
        select line;

    private static string Declaration(Type type)
    {
        var name = ApiTypeName.Of(type);
        if (type.GetMethod("Invoke") is { } invoke && typeof(Delegate).IsAssignableFrom(type))
        {
            return $"delegate {ReturnType(invoke)} {name}({Parameters(invoke)})";
        }

        var isRecord = type.GetMethod("<Clone>$") is not null || type.GetMethod("PrintMembers", Declared) is not null;
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "")
                + (type.IsByRefLike ? "ref " : "") + (isRecord ? "record struct" : "struct"),
            _ => (type.IsAbstract ? type.IsSealed ? "static " : "abstract " : type.IsSealed ? "sealed " : "")
                + (isRecord ? "record" : "class"),
        };
        var bases = type.IsEnum ? EnumBase(type) : BaseTypes(type);
        var suffix = string.Join(", ", bases.Select(b => ApiTypeName.Of(b)).Order(StringComparer.Ordinal));
        return $"{kind} {name}{(suffix.Length > 0 ? " : " : "")}{suffix}";
    }

    private static IEnumerable<Type> EnumBase(Type type) =>
        new[] { Enum.GetUnderlyingType(type) }.Where(t => t != typeof(int));

    private static IEnumerable<Type> BaseTypes(Type type)
    {
        var own = type.GetInterfaces().Where(i => i.IsVisible && !IsOfItself(i, type)).ToList();
        var inherited = own.SelectMany(i => i.GetInterfaces()).Concat(type.BaseType?.GetInterfaces() ?? []).ToHashSet();
        var bases = own.Where(i => !inherited.Contains(i));
        return type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) ? bases.Append(b) : bases;
    }

    /// <summary>Such as the IEquatable that each record has.</summary>
    private static bool IsOfItself(Type face, Type type) => face.IsGenericType && face.GenericTypeArguments[0] == type;

    private static string Line(MemberInfo member) => member switch
    {
        ConstructorInfo c when IsVisible(c) => $"{Access(c)}{Owner(c)}.new({Parameters(c)})",
        MethodInfo m when IsVisible(m) && !IsAccessor(m) && !IsObjectOverride(m) =>
            $"{Access(m)}{ReturnType(m)} {Owner(m)}.{m.Name}{GenericArguments(m)}({Parameters(m)})",
        PropertyInfo p when Accessors(p) is [var first, ..] =>
            $"{Access(first)}{(p.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}"
            + $"{ApiTypeName.Of(p.PropertyType, Nullability.Create(p))} {Owner(p)}.{p.Name}"
            + $"{(p.GetIndexParameters().Length > 0 ? $"[{Parameters(first)}]" : "")} {{ {AccessorList(p)} }}",
        EventInfo e when IsVisible(e.AddMethod!) =>
            $"{Access(e.AddMethod!)}event {ApiTypeName.Of(e.EventHandlerType!)} {Owner(e)}.{e.Name}",
        FieldInfo { IsLiteral: true, IsPublic: true, DeclaringType.IsEnum: true } f =>
            $"{Owner(f)}.{f.Name} = {Convert.ToString(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}",
        FieldInfo { IsSpecialName: false } f when f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly =>
            $"{(f.IsLiteral ? "const " : f.IsStatic ? "static " : "")}{(f.IsInitOnly ? "readonly " : "")}"
            + $"{ApiTypeName.Of(f.FieldType, Nullability.Create(f))} {Owner(f)}.{f.Name}"
            + (f.IsLiteral ? $" = {Literal(f.GetRawConstantValue(), f.FieldType)}" : ""),
        _ => "",
    };

    private static string Owner(MemberInfo member) => ApiTypeName.Of(member.DeclaringType!);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsObjectOverride(MethodInfo method) =>
        method.GetBaseDefinition().DeclaringType is var root && (root == typeof(object) || root == typeof(ValueType));

    private static MethodInfo[] Accessors(PropertyInfo property) =>
        [.. property.GetAccessors(nonPublic: true).Where(IsVisible).OrderBy(a => a.Name, StringComparer.Ordinal)];

    private static string AccessorList(PropertyInfo property) => string.Join(' ', Accessors(property).Select(a =>
        a == property.GetMethod ? "get;"
        : a.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;"));

    private static string Access(MethodBase method) => (method.IsPublic ? "" : "protected ")
        + (method.IsStatic ? "static " : "")
        + (method is not MethodInfo m || m.DeclaringType!.IsInterface || !m.IsVirtual ? ""
            : m.IsAbstract ? "abstract "
            : m.GetBaseDefinition() != m ? "override "
            : m.IsFinal ? "" : "virtual ");

    private static string GenericArguments(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string ReturnType(MethodInfo method) =>
        (method.ReturnType.IsByRef ? "ref " : "")
        + ApiTypeName.Of(method.ReturnType, Nullability.Create(method.ReturnParameter));

    private static string Parameters(MethodBase method)
    {
        var isExtension = method.IsDefined(typeof(ExtensionAttribute), inherit: false);
        return string.Join(", ", method.GetParameters().Select(p =>
            (isExtension && p.Position == 0 ? "this " : "")
            + (p.IsOut ? "out " : p.IsIn ? "in " : p.ParameterType.IsByRef ? "ref " : "")
            + (p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")
            + $"{ApiTypeName.Of(p.ParameterType, Nullability.Create(p))} {p.Name}"
            + (p.HasDefaultValue ? $" = {Literal(p.RawDefaultValue, p.ParameterType)}" : "")));
    }

    private static string Literal(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when type.IsEnum => $"{type.Name}.{Enum.ToObject(type, value)}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
